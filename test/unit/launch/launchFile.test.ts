import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parameterSpecs } from '#dist/config/schema.js';
import { launched, launchStub, started } from './launched.js';

const launch = (...args: string[]) => started('yolo_seg.launch.py', args);

describe('yolo_seg.launch.py', () => {
  it('starts the node alone, with a parameter file that exists', () => {
    const started = launch();
    expect(started.map((process) => `${process.package}/${process.executable}`)).toEqual([
      'rdk_yolo_seg/yolo_seg_node',
    ]);
    expect(started[0]!.parameters).toHaveLength(1);
    expect(existsSync(started[0]!.parameters[0] as string)).toBe(true);
    expect(started[0]!.remappings).toEqual([['hbmem_img', '/hbmem_img']]);
  });

  it('starts our camera on the same topic when asked', () => {
    const [node, camera] = launch('camera:=true', 'camera_source:=/pictures', 'hbmem_topic:=/front');
    expect(camera!.executable).toBe('yolo_seg_camera');
    expect(camera!.arguments).toEqual(['--source', '/pictures']);
    expect(camera!.remappings).toEqual(node!.remappings);
  });

  it('passes namespace, parameter file and overrides that the schema knows', () => {
    const [node] = launch(
      'namespace:=robot',
      'params_file:=/my.yaml',
      'model_path:=/m.onnx',
      'overlay:=false',
    );
    expect(node!.namespace).toBe('robot');
    expect(node!.parameters[0]).toBe('/my.yaml');
    const names: string[] = parameterSpecs.map((spec) => spec.name);
    const overrides = node!.parameters[1] as Record<string, unknown>;
    for (const name of Object.keys(overrides)) expect(names).toContain(name);
    expect(overrides).toEqual({ 'model.path': '/m.onnx', 'output.overlay': false });
  });

  it('refuses what it does not know', () => {
    expect(() => launch('camera:=perhaps')).toThrow(/argument 'camera' is 'perhaps'/);
    expect(() => launch('modelpath:=/m.onnx')).toThrow(/unknown launch arguments: modelpath/);
    expect(() => launch('framerate:=fast')).not.toThrow();
    expect(() => launch('camera:=file', 'framerate:=fast')).toThrow(
      'framerate:=fast: expected a number above 0',
    );
    expect(() => launch('camera:=file', 'dnn_example_image_width:=0')).toThrow(
      'dnn_example_image_width:=0: expected a whole number above 0',
    );
  });

  it('remaps outputs, the compressed overlay with the overlay', () => {
    const [node] = launch(
      'detections_topic:=/seen',
      'overlay_topic:=/picture',
      'dnn_example_msg_pub_topic_name:=ai_msg',
    );
    expect(node!.remappings).toEqual([
      ['hbmem_img', '/hbmem_img'],
      ['hobot_dnn_detection', 'ai_msg'],
      ['~/detections', '/seen'],
      ['~/overlay', '/picture'],
      ['~/overlay/compressed', '/picture/compressed'],
    ]);
  });

  it('starts what CAM_TYPE says, unless an argument says otherwise', () => {
    const start = (camType: string, ...args: string[]) =>
      launched('yolo_seg.launch.py', args, { CAM_TYPE: camType }).started.map(({ executable }) => executable);
    expect(start('fb')).toEqual(['yolo_seg_node', 'yolo_seg_camera']);
    expect(start('fb', 'camera:=none')).toEqual(['yolo_seg_node']);
    expect(start('webcam', 'camera:=none')).toEqual(['yolo_seg_node']);
    expect(() => start('webcam')).toThrow(
      'the variable CAM_TYPE is "webcam"; expected mipi, usb, fb, or give camera:=...',
    );
    expect(start('', 'camera:=false')).toEqual(['yolo_seg_node']);
  });

  it('hands size and rate to our own camera', () => {
    const [, camera] = launch(
      'camera:=file',
      'dnn_example_image_width:=640',
      'dnn_example_image_height:=480',
      'framerate:=10',
    );
    expect(camera!.arguments).toEqual(['--width', '640', '--height', '480', '--rate', '10.0']);
  });

  it('runs against a stub that fails on unknown keyword arguments', () => {
    const script = "from launch_ros.actions import Node; Node(executable='a', remapping=[])";
    const run = () => execFileSync('python3', ['-c', script], { cwd: launchStub, stdio: 'pipe' });
    expect(run).toThrow(/unexpected keyword argument 'remapping'/);
  });
});

describe('docs/launch.md', () => {
  it('names every argument of the launch files', () => {
    const page = readFileSync('docs/launch.md', 'utf8');
    const one = [...readFileSync('launch/yolo_seg.launch.py', 'utf8').matchAll(/declare\(\s*'(\w+)'/g)];
    const two = [...readFileSync('launch/two_cameras.launch.py', 'utf8').matchAll(/^ +\('(\w+)', /gm)];
    expect(one.length).toBeGreaterThan(20);
    expect(two).toHaveLength(4);
    const own = ['one_node', ...two.map(([, name]) => `second_${name}`)];
    const names = [...one.map(([, name]) => name!), ...own];
    expect(names.filter((name) => !page.includes(name))).toEqual([]);
  });
});
