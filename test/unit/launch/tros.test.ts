import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Started, launched } from './launched.js';

// Our launch files against stand-ins for those of TROS, which declare the same arguments and refuse all others.

const prefix = mkdtempSync(join(tmpdir(), 'rdk-tros-'));
afterAll(() => rmSync(prefix, { recursive: true, force: true }));

/** Launch files of the stand-ins: test/launchStub/tros.py has what they do. */
const files = [
  'mipi_cam/launch/mipi_cam.launch.py',
  'hobot_usb_cam/launch/hobot_usb_cam.launch.py',
  'hobot_codec/launch/hobot_codec_decode.launch.py',
  'hobot_codec/launch/hobot_codec_encode.launch.py',
  'websocket/launch/websocket.launch.py',
  'hobot_shm/launch/hobot_shm.launch.py',
];

/** An ament prefix with stand-ins for some packages. */
function install(...packages: string[]): NodeJS.ProcessEnv {
  const folder = mkdtempSync(join(prefix, 'prefix-'));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  for (const name of packages) write(`share/ament_index/resource_index/packages/${name}`, '');
  for (const file of files) {
    if (!packages.includes(file.split('/')[0]!)) continue;
    write(`share/${file}`, `from tros import FILES\n\ngenerate_launch_description = FILES['${file}']\n`);
  }
  return { AMENT_PREFIX_PATH: folder };
}

const all = install('mipi_cam', 'hobot_usb_cam', 'hobot_codec', 'websocket', 'hobot_shm');
const launch = (...args: string[]) => launched('yolo_seg.launch.py', args, all).started;
const names = (started: readonly Started[]) => started.map(({ executable }) => executable);
/** All arguments with which the launch file of the one process was run. */
const given = (process: Started | undefined) => process!.parameters[0] as Record<string, string>;

describe('yolo_seg.launch.py with TROS', () => {
  it('starts mipi_cam in shared memory, with its own size where none is given', () => {
    const started = launch('camera:=mipi');
    expect(names(started)).toEqual(['yolo_seg_node', 'mipi_cam']);
    expect(given(started[1])).toEqual({
      mipi_camera_calibration_file_path: 'default',
      mipi_out_format: 'nv12',
      mipi_image_width: '960',
      mipi_image_height: '544',
      mipi_image_framerate: '30.0',
      mipi_channel: '2',
      mipi_io_method: 'shared_mem',
      mipi_video_device: 'default',
      mipi_frame_ts_type: 'realtime',
      mipi_rotation: '0.0',
    });
    expect(started[1]!.scope).toEqual({ namespace: '', remaps: [] });
  });

  it('starts the node with the shared-memory variables of hobot_shm, too', () => {
    const profiles = launch('camera:=mipi').map(({ profile }) => profile);
    expect(profiles).toEqual(['profile of hobot_shm', 'profile of hobot_shm']);
    expect(launch('camera:=none')[0]!.profile).toBe('');
  });

  it('hands size, rate and device to mipi_cam, a rate always with a fraction', () => {
    const started = launch(
      'camera:=mipi',
      'dnn_example_image_width:=1920',
      'dnn_example_image_height:=1080',
      'framerate:=20',
      'device:=imx219',
      'hbmem_topic:=/front/nv12',
      'mipi_rotation:=90.0',
    );
    expect(given(started[1])).toMatchObject({
      mipi_image_width: '1920',
      mipi_image_height: '1080',
      // A whole number would be an integer to rclcpp, where mipi_cam declares a double.
      mipi_image_framerate: '20.0',
      mipi_video_device: 'imx219',
      // By its own name.
      mipi_rotation: '90.0',
    });
    expect(started[1]!.scope.remaps).toEqual([
      ['hbmem_img', '/front/nv12'],
      ['/hbmem_img', '/front/nv12'],
    ]);
  });

  it('starts a USB camera with the decoder between it and the node', () => {
    const started = launch('camera:=usb', 'device:=/dev/video0', 'framerate:=15', 'hbmem_topic:=/usb');
    expect(names(started)).toEqual(['yolo_seg_node', 'hobot_usb_cam', 'hobot_codec']);
    expect(given(started[1])).toEqual({
      usb_frame_id: 'default_usb_cam',
      usb_framerate: '15',
      usb_image_height: '480',
      usb_image_width: '640',
      usb_io_method: 'mmap',
      usb_pixel_format: 'mjpeg',
      usb_video_device: '/dev/video0',
      usb_zero_copy: 'False',
    });
    expect(given(started[2])).toEqual({
      codec_channel: '1',
      codec_in_mode: 'ros',
      codec_in_format: 'jpeg',
      codec_sub_topic: '/image',
      codec_out_mode: 'shared_mem',
      codec_out_format: 'nv12',
      codec_pub_topic: '/usb',
      codec_input_framerate: '30',
      codec_output_framerate: '-1',
      codec_dump_output: 'False',
    });
    expect(started[0]!.remappings).toContainEqual(['hbmem_img', '/usb']);
  });

  it('takes the camera from CAM_TYPE as dnn_node_example does', () => {
    const started = (type: string) =>
      names(launched('yolo_seg.launch.py', [], { ...all, CAM_TYPE: type }).started);
    expect(started('mipi')).toEqual(['yolo_seg_node', 'mipi_cam']);
    expect(started('usb')).toEqual(['yolo_seg_node', 'hobot_usb_cam', 'hobot_codec']);
  });

  it('shows pictures and results on the web page', () => {
    const started = launch('camera:=mipi', 'web:=true', 'log_level:=debug', 'codec_jpg_quality:=80.0');
    expect(names(started)).toEqual(['yolo_seg_node', 'mipi_cam', 'hobot_codec', 'websocket']);
    expect(started[0]!.parameters[1]).toEqual({ 'output.perception_targets': true });
    expect(given(started[2])).toEqual({
      codec_channel: '1',
      codec_in_mode: 'shared_mem',
      codec_in_format: 'nv12',
      codec_sub_topic: '/hbmem_img',
      codec_out_mode: 'ros',
      codec_out_format: 'jpeg',
      codec_pub_topic: '/image_jpeg',
      codec_input_framerate: '30',
      codec_output_framerate: '-1',
      codec_dump_output: 'False',
      codec_jpg_quality: '80.0',
      log_level: 'warn',
    });
    expect(given(started[3])).toEqual({
      websocket_image_topic: '/image_jpeg',
      websocket_image_type: 'mjpeg',
      websocket_only_show_image: 'False',
      websocket_output_fps: '0',
      websocket_smart_topic: '/hobot_dnn_detection',
      websocket_channel: '0',
      log_level: 'warn',
    });
  });

  it('shows the JPEG of a USB camera as it is, with the results under their name', () => {
    const started = launch(
      'camera:=usb',
      'web:=true',
      'dnn_example_msg_pub_topic_name:=seen',
      'namespace:=arm',
    );
    expect(names(started)).toEqual(['yolo_seg_node', 'hobot_usb_cam', 'hobot_codec', 'websocket']);
    expect(given(started[3])).toMatchObject({
      websocket_image_topic: '/arm/image',
      websocket_smart_topic: '/arm/seen',
    });
    expect(started[1]!.scope).toEqual({
      namespace: '/arm',
      remaps: [
        ['image', '/arm/image'],
        ['/image', '/arm/image'],
      ],
    });
    expect(given(started[2]).codec_sub_topic).toBe('/arm/image');
  });

  it('refuses arguments of TROS that say something else, naming both', () => {
    expect(() => launch('camera:=mipi', 'dnn_example_image_width:=640', 'mipi_image_width:=960')).toThrow(
      'mipi_image_width:=960 cannot be: dnn_example_image_width:=640 is given, too',
    );
    expect(() => launch('camera:=mipi', 'mipi_io_method:=ros')).toThrow(
      'mipi_io_method:=ros cannot be: this launch file needs mipi_io_method:=shared_mem',
    );
    expect(() => launch('camera:=usb', 'framerate:=29.97')).toThrow(
      'framerate:=29.97: expected a whole number above 0',
    );
    expect(given(launch('camera:=mipi', 'framerate:=30', 'mipi_image_framerate:=30.0')[1])).toMatchObject({
      mipi_image_framerate: '30.0',
    });
  });

  it('says what to install where packages are missing, all at once', () => {
    const start = (env: NodeJS.ProcessEnv, ...args: string[]) => launched('yolo_seg.launch.py', args, env);
    expect(() => start(install('hobot_shm', 'hobot_usb_cam'), 'camera:=usb', 'web:=true')).toThrow(
      'camera:=usb web:=true needs hobot_codec, websocket, which this ROS does not find: sudo apt install ' +
        'tros-humble-hobot-codec tros-humble-websocket, then source /opt/tros/humble/setup.bash',
    );
    expect(() => start({ ...install(), ROS_DISTRO: 'jazzy' }, 'camera:=mipi')).toThrow(
      'sudo apt install tros-jazzy-mipi-cam tros-jazzy-hobot-shm, then source /opt/tros/jazzy/setup.bash',
    );
    expect(names(start(install(), 'camera:=file').started)).toEqual(['yolo_seg_node', 'yolo_seg_camera']);
  });
});

describe('two_cameras.launch.py', () => {
  const two = (...args: string[]) => launched('two_cameras.launch.py', args, all).started;

  it('keeps two MIPI cameras, their nodes and pages apart', () => {
    const started = two('camera:=mipi', 'web:=true', 'first_device:=imx219', 'second_namespace:=/rear');
    const half = ['yolo_seg_node', 'mipi_cam', 'hobot_codec', 'websocket'];
    expect(names(started)).toEqual([...half, ...half]);
    for (const [i, [name, channel, codec, page, device]] of (
      [
        ['front', '2', '1', '0', 'imx219'],
        ['rear', '0', '2', '1', 'default'],
      ] as const
    ).entries()) {
      const [node, camera, encoder, web] = started.slice(i * 4, i * 4 + 4);
      expect(node!.namespace).toBe(i === 0 ? name : `/${name}`);
      expect(node!.remappings).toEqual([['hbmem_img', `/${name}/hbmem_img`]]);
      expect(node!.parameters[1]).toEqual({ frame_id: name, 'output.perception_targets': true });
      expect(given(camera)).toMatchObject({ mipi_channel: channel, mipi_video_device: device });
      expect(camera!.scope).toEqual({
        namespace: `/${name}`,
        remaps: [
          ['hbmem_img', `/${name}/hbmem_img`],
          ['/hbmem_img', `/${name}/hbmem_img`],
        ],
      });
      expect(given(encoder)).toMatchObject({
        codec_channel: codec,
        codec_sub_topic: `/${name}/hbmem_img`,
        codec_pub_topic: `/${name}/image_jpeg`,
      });
      expect(given(web)).toMatchObject({
        websocket_image_topic: `/${name}/image_jpeg`,
        websocket_smart_topic: `/${name}/hobot_dnn_detection`,
        websocket_channel: page,
      });
    }
  });

  it('hands what is given for both to both, and devices to each', () => {
    const started = two(
      'camera:=usb',
      'first_device:=/dev/video0',
      'second_device:=/dev/video2',
      'dnn_example_image_width:=800',
      'model_path:=/m.onnx',
    );
    const cameras = started.filter(({ executable }) => executable === 'hobot_usb_cam').map(given);
    expect(cameras.map(({ usb_video_device }) => usb_video_device)).toEqual(['/dev/video0', '/dev/video2']);
    expect(cameras.map(({ usb_image_width }) => usb_image_width)).toEqual(['800', '800']);
    const nodes = started.filter(({ executable }) => executable === 'yolo_seg_node');
    for (const { parameters } of nodes) expect(parameters[1]).toMatchObject({ 'model.path': '/m.onnx' });
    const decoders = started.filter(({ executable }) => executable === 'hobot_codec').map(given);
    expect(decoders.map(({ codec_pub_topic }) => codec_pub_topic)).toEqual([
      '/front/hbmem_img',
      '/back/hbmem_img',
    ]);
  });

  it('plays pictures for two cameras without TROS', () => {
    const started = launched(
      'two_cameras.launch.py',
      ['camera:=file', 'second_source:=/pictures'],
      install(),
    ).started;
    const cameras = started.filter(({ executable }) => executable === 'yolo_seg_camera');
    expect(cameras.map(({ namespace }) => namespace)).toEqual(['front', 'back']);
    expect(cameras.map((camera) => camera.arguments)).toEqual([[], ['--source', '/pictures']]);
  });

  it.each([
    ['', '/front/hobot_dnn_detection'],
    ['node_name:=eyes', '/eyes/front/hobot_dnn_detection'],
  ])('with one node starts it once, for both, beside cameras and pages, %s', (nodeName, results) => {
    const started = two(
      'camera:=mipi',
      'web:=true',
      'one_node:=true',
      'first_namespace:=/front',
      ...[nodeName].filter(Boolean),
    );
    const half = ['mipi_cam', 'hobot_codec', 'websocket'];
    expect(names(started)).toEqual(['yolo_seg_node', ...half, ...half]);
    const [node, camera, encoder, web] = started;
    expect(node).toMatchObject({
      namespace: '',
      parameters: [
        expect.any(String),
        { 'cameras.names': ['front', 'back'], 'output.perception_targets': true },
      ],
      remappings: [],
    });
    // What the node hears and says there, by the names of docs/cameras.md.
    expect(camera!.scope.remaps).toContainEqual(['hbmem_img', '/front/hbmem_img']);
    expect(given(encoder)).toMatchObject({ codec_sub_topic: '/front/hbmem_img', codec_channel: '1' });
    expect(given(web)).toMatchObject({ websocket_smart_topic: results, websocket_channel: '0' });
    expect(given(started.at(-1))).toMatchObject({ websocket_channel: '1' });
  });
});

describe('perception_targets:=', () => {
  const parametersOf = (...args: string[]) => launch(...args)[0]!.parameters[1] ?? {};

  it('goes before the parameter file, and web:=true turns it on', () => {
    expect(parametersOf()).toEqual({});
    expect(parametersOf('perception_targets:=false')).toEqual({ 'output.perception_targets': false });
    expect(parametersOf('web:=true')).toEqual({ 'output.perception_targets': true });
    const [one] = launched('two_cameras.launch.py', ['camera:=mipi', 'one_node:=true'], all).started;
    expect(one!.parameters[1]).toEqual({ 'cameras.names': ['front', 'back'] });
  });

  it.each([
    ['yolo_seg.launch.py', []],
    ['two_cameras.launch.py', ['one_node:=true', 'camera:=mipi']],
  ])('false is refused by %s where a page is to show what comes there', (file, args) => {
    const run = () => launched(file, ['web:=true', 'perception_targets:=false', ...args], all);
    expect(run).toThrow(/web:=true shows the results that perception_targets:=false keeps back/);
  });
});

describe('cameras:=', () => {
  const one = (...args: string[]) => launched('yolo_seg.launch.py', args, all).started;

  it('starts one node for cameras that run elsewhere', () => {
    const [node, ...others] = one('cameras:=front, back', 'namespace:=robot');
    expect(others).toEqual([]);
    expect(node).toMatchObject({
      namespace: 'robot',
      parameters: [expect.any(String), { 'cameras.names': ['front', 'back'] }],
      remappings: [],
    });
  });

  it.each(['camera:=file', 'hbmem_topic:=/a', 'web:=true', 'frame_id:=a', 'masks_topic:=/m'])(
    'is refused beside what is for one camera: %s',
    (other) => {
      expect(() => one('cameras:=front,back', other)).toThrow(
        `${other} is for one camera, but cameras:=front,back names 2: leave one out`,
      );
    },
  );
});

describe('the results for TROS of a node that is named otherwise', () => {
  const one = (...args: string[]) =>
    launched('yolo_seg.launch.py', ['camera:=mipi', 'web:=true', ...args], all).started;

  it.each([
    [[], '/second/hobot_dnn_detection', []],
    [['dnn_example_msg_pub_topic_name:=ai'], '/ai', [['hobot_dnn_detection', 'ai']]],
    [
      ['dnn_example_msg_pub_topic_name:=hobot_dnn_detection'],
      '/hobot_dnn_detection',
      [['~/hobot_dnn_detection', 'hobot_dnn_detection']],
    ],
  ])('%j are read by the page where the node says them', (args, topic, remappings) => {
    const started = one('node_name:=second', ...args);
    expect(started[0]!.remappings).toEqual([['hbmem_img', '/hbmem_img'], ...remappings]);
    expect(given(started.at(-1))).toMatchObject({ websocket_smart_topic: topic });
  });
});
