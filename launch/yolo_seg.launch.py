"""Start the segmentation node with the camera that is there, and the web page of TROS if wanted; docs/launch.md tells more.

    ros2 launch rdk_yolo_seg yolo_seg.launch.py camera:=mipi web:=true
    ros2 launch rdk_yolo_seg yolo_seg.launch.py camera:=file params_file:=my.yaml
"""

import importlib.util
import os
from typing import List  # noqa: UP035 - what launch_ros knows

from ament_index_python.packages import PackageNotFoundError, get_package_share_directory
from launch.actions import DeclareLaunchArgument, GroupAction, IncludeLaunchDescription, LogInfo, OpaqueFunction
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node, PushRosNamespace, SetRemap
from launch_ros.parameter_descriptions import ParameterValue

from launch import LaunchDescription

HERE = os.path.dirname(os.path.realpath(__file__))
# The same place relative to this file in the checkout and in the installed package.
DEFAULT_PARAMS = os.path.join(os.path.dirname(HERE), 'config', 'params', 'yolo_seg.yaml')

# Draining frames in flight and returning loans takes longer than launch's five seconds where the CPU is busy.
STOP_TIMEOUT_S = '10'

# What camera:=... is called in CAM_TYPE, and what it was called before there were several.
CAM_TYPES = {'mipi': 'mipi', 'usb': 'usb', 'fb': 'file'}
OLD_CAMERAS = {'true': 'file', 'false': 'none'}

# Of one camera, which TROS starts in no namespace.
USUAL_HBMEM_TOPIC = '/hbmem_img'

# Of a node that is named otherwise the topics of TROS lie below its name.
USUAL_NODE_NAME = 'yolo_seg'

# Arguments that remap an output, with the names that go with it.
OUTPUT_TOPICS = {
    'dnn_example_msg_pub_topic_name': {'hobot_dnn_detection': ''},
    'detections_topic': {'~/detections': ''},
    'masks_topic': {'~/masks': ''},
    'label_map_topic': {'~/label_map': ''},
    'overlay_topic': {'~/overlay': '', '~/overlay/compressed': '/compressed'},
}

def module_beside(name):
    """A module in the folder of this file: a launch file is no part of a package, and its folder on no path of Python's."""
    spec = importlib.util.spec_from_file_location(f'rdk_yolo_seg_{name}', os.path.join(HERE, f'{name}.py'))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def declare(name, description, default='', choices=None):
    """A launch argument with a default."""
    return DeclareLaunchArgument(name, default_value=default, description=description, choices=choices)


def declare_arguments():
    """Arguments with their defaults; `ros2 launch rdk_yolo_seg yolo_seg.launch.py --show-args` lists them."""
    booleans = ['true', 'false']
    return [
        declare('params_file', 'YAML file with the parameters of the node', DEFAULT_PARAMS),
        declare('namespace', 'Namespace of the node and its topics, and of the camera'),
        declare('node_name', 'Name of the node', USUAL_NODE_NAME),
        declare('node', 'Start the node; false starts the camera and the web page alone', 'true', booleans),
        declare(
            'cameras',
            'Names of several cameras of one node with a comma between them, whose frames come on NAME/hbmem_img in the '
            'namespace of the node; they are started elsewhere. Empty: one camera on hbmem_topic',
        ),
        declare('hbmem_topic', 'Topic with the frames of the camera; without a slash, in the namespace', USUAL_HBMEM_TOPIC),
        declare('model_path', 'Model file; empty: the one in params_file'),
        declare('overlay', 'Whether the overlay may be drawn; empty: as in params_file', choices=['', *booleans]),
        declare(
            'perception_targets',
            'Whether the results for TROS may be published, which web:=true shows; empty: as in params_file',
            choices=['', *booleans],
        ),
        declare('log_level', 'Log level of the node', 'info', ['debug', 'info', 'warn', 'error', 'fatal']),
        declare('respawn', 'Start the node again when it ends unexpectedly', 'false', booleans),
        declare(
            'camera',
            'mipi (mipi_cam), usb (hobot_usb_cam and hobot_codec), file (pictures by our own camera) or none; '
            'empty: as the variable CAM_TYPE says (mipi, usb or fb), none without it; true and false are file and none',
            choices=['', 'mipi', 'usb', 'file', 'none', *OLD_CAMERAS],
        ),
        declare('frame_id', 'frame_id where the camera sends none; empty: as in params_file'),
        declare('camera_source', 'camera:=file: folder of pictures or NV12 file; empty: the bundled scenes'),
        declare('device', 'Sensor of the MIPI camera or /dev/videoN of the USB camera; empty: its default'),
        declare('dnn_example_image_width', 'Width of the frames of the camera, pixels; empty: its default'),
        declare('dnn_example_image_height', 'Height of the frames of the camera, pixels; empty: its default'),
        declare('framerate', 'Frames per second of the camera; empty: its default'),
        declare('web', 'Show pictures and results on port 8000 (hobot_codec and websocket)', 'false', booleans),
        declare('web_channel', 'Channel of the web page, which tells several cameras apart', '0'),
        declare('codec_channel', 'Channel of hobot_codec, which tells several cameras apart', '1'),
        declare('dnn_example_config_file', 'JSON configuration of dnn_node_example to take model and thresholds from'),
        declare(
            'dnn_example_msg_pub_topic_name',
            'Topic of the results for TROS; empty: hobot_dnn_detection, below the name of a node not named yolo_seg',
        ),
        declare('detections_topic', 'Topic in place of ~/detections'),
        declare('masks_topic', 'Topic in place of ~/masks'),
        declare('label_map_topic', 'Topic in place of ~/label_map'),
        declare('overlay_topic', 'Topic in place of ~/overlay; its /compressed goes with it'),
    ]


class Arguments:
    """Values of the launch arguments."""

    def __init__(self, context):
        self._context = context

    def __getitem__(self, name):
        return LaunchConfiguration(name).perform(self._context)

    def number(self, name, kind):
        """Value of a numeric argument as a positive number of the kind; None where it is empty."""
        text = self[name]
        if text == '':
            return None
        try:
            value = kind(text)
        except ValueError:
            value = 0
        if not 0 < value < float('inf'):
            what = 'a whole number' if kind is int else 'a number'
            raise RuntimeError(f'{name}:={text}: expected {what} above 0')
        return value

    def vendor(self, fixed, given=()):
        """Arguments for a launch file of TROS: those that must be so, and `(ours, theirs, value)` where ours is given.

        What the user gave by their names reaches that file anyway, so that it must not be something else.
        """
        result = dict(fixed)
        origin = {theirs: f'this launch file needs {theirs}:={value}' for theirs, value in fixed.items()}
        for ours, theirs, value in given:
            if value is not None and value != '':
                result[theirs] = str(value)
                origin[theirs] = f'{ours}:={self[ours]} is given, too'
        for theirs, why in origin.items():
            direct = self._context.launch_configurations.get(theirs, result[theirs])
            if direct != result[theirs]:
                raise RuntimeError(f'{theirs}:={direct} cannot be: {why}')
        return result

    def size_and_device(self, prefix):
        """What mipi_cam and hobot_usb_cam have alike but for the beginning of their names."""
        return [
            ('device', f'{prefix}_video_device', self['device']),
            ('dnn_example_image_width', f'{prefix}_image_width', self.number('dnn_example_image_width', int)),
            ('dnn_example_image_height', f'{prefix}_image_height', self.number('dnn_example_image_height', int)),
        ]

    def camera(self):
        """What is to be started as the camera: mipi, usb, file or none."""
        camera = self['camera']
        if camera != '':
            return OLD_CAMERAS.get(camera, camera)
        cam_type = os.environ.get('CAM_TYPE', '')
        if cam_type == '':
            return 'none'
        if cam_type not in CAM_TYPES:
            expected = ', '.join(CAM_TYPES)
            raise RuntimeError(f'the variable CAM_TYPE is "{cam_type}"; expected {expected}, or give camera:=...')
        return CAM_TYPES[cam_type]

    def cameras(self):
        """Names of the cameras of one node; none where it has one. Raises for arguments that mean a single camera."""
        names = [name.strip() for name in self['cameras'].split(',')] if self['cameras'] else []
        if not names:
            return []
        meant = {'camera': self.camera() != 'none', 'hbmem_topic': self['hbmem_topic'] != USUAL_HBMEM_TOPIC}
        meant['web'] = self['web'] == 'true'
        meant.update({name: self[name] != '' for name in ('frame_id', *OUTPUT_TOPICS)})
        for name, is_given in meant.items():
            if is_given:
                value = self.camera() if name == 'camera' else self[name]
                raise RuntimeError(
                    f'{name}:={value} is for one camera, but cameras:={self["cameras"]} names {len(names)}: '
                    'leave one out; two_cameras.launch.py one_node:=true starts two'
                )
        return names

    def results_topic(self):
        """Where the results for TROS are, relative to the namespace."""
        given, node = self['dnn_example_msg_pub_topic_name'], self['node_name']
        return given or ('hobot_dnn_detection' if node == USUAL_NODE_NAME else f'{node}/hobot_dnn_detection')

    def output_remappings(self):
        """Other names for outputs, as the node takes them."""
        remappings = [
            (name, f'{self[argument]}{suffix}')
            for argument, names in OUTPUT_TOPICS.items()
            for name, suffix in names.items()
            if self[argument] not in ('', name)
        ]
        plain = self['dnn_example_msg_pub_topic_name'] == 'hobot_dnn_detection'
        if plain and self['node_name'] != USUAL_NODE_NAME:
            remappings.append(('~/hobot_dnn_detection', 'hobot_dnn_detection'))
        return remappings

    def in_namespace(self, topic):
        """The full name of a topic that is relative to the namespace."""
        namespace = self['namespace'].strip('/')
        return topic if topic.startswith('/') else f'/{namespace}/{topic}' if namespace else f'/{topic}'


def require(packages, what):
    """Raises where a package of TROS is not installed, and says how to install all that are missing."""
    missing = []
    for package in packages:
        try:
            get_package_share_directory(package)
        except PackageNotFoundError:
            missing.append(package)
    if missing:
        distro = os.environ.get('ROS_DISTRO', 'humble')
        names = ' '.join(f'tros-{distro}-{package.replace("_", "-")}' for package in missing)
        raise RuntimeError(
            f'{what} needs {", ".join(missing)}, which this ROS does not find: sudo apt install {names}, '
            f'then source /opt/tros/{distro}/setup.bash'
        )


def include(package, file, arguments, scope):
    """A launch file of TROS; what it sets stays inside, what the user gave for it by its own names reaches it."""
    path = os.path.join(get_package_share_directory(package), 'launch', file)
    source = PythonLaunchDescriptionSource(path)
    return GroupAction([*scope, IncludeLaunchDescription(source, launch_arguments=arguments.items())])


def shared_memory():
    """Sets the shared-memory variables of TROS for everything that is started after it, so it has no scope."""
    path = os.path.join(get_package_share_directory('hobot_shm'), 'launch', 'hobot_shm.launch.py')
    return IncludeLaunchDescription(PythonLaunchDescriptionSource(path))


def scope_of(arguments, topics=None):
    """What holds inside of an included launch file: namespace, and other names for topics that its node publishes."""
    renamed = {name: target for name, target in (topics or {}).items() if target != f'/{name}'}
    namespace = arguments['namespace']
    # Whether the node takes a name in its namespace or in none.
    remaps = [SetRemap(f'{root}{name}', target) for name, target in renamed.items() for root in ('', '/')]
    return [*([PushRosNamespace(namespace)] if namespace else []), *remaps]


def start_mipi(arguments):
    """mipi_cam, which publishes NV12 in shared memory."""
    rate = ('framerate', 'mipi_image_framerate', arguments.number('framerate', float))
    given = arguments.vendor(
        {'mipi_io_method': 'shared_mem', 'mipi_out_format': 'nv12', 'mipi_frame_ts_type': 'realtime'},
        [*arguments.size_and_device('mipi'), rate],
    )
    scope = scope_of(arguments, {'hbmem_img': arguments.in_namespace(arguments['hbmem_topic'])})
    return [include('mipi_cam', 'mipi_cam.launch.py', given, scope)]


def start_usb(arguments):
    """hobot_usb_cam, whose JPEG hobot_codec decodes into NV12 in shared memory."""
    jpeg = arguments.in_namespace('image')
    rate = ('framerate', 'usb_framerate', arguments.number('framerate', int))
    given = arguments.vendor(
        {'usb_pixel_format': 'mjpeg', 'usb_zero_copy': 'False'}, [*arguments.size_and_device('usb'), rate]
    )
    decode = arguments.vendor(
        {
            'codec_channel': arguments['codec_channel'],
            'codec_in_mode': 'ros',
            'codec_in_format': 'jpeg',
            'codec_sub_topic': jpeg,
            'codec_out_mode': 'shared_mem',
            'codec_out_format': 'nv12',
            'codec_pub_topic': arguments.in_namespace(arguments['hbmem_topic']),
        }
    )
    return [
        include('hobot_usb_cam', 'hobot_usb_cam.launch.py', given, scope_of(arguments, {'image': jpeg})),
        include('hobot_codec', 'hobot_codec_decode.launch.py', decode, scope_of(arguments)),
    ]


def start_file(arguments):
    """Our own camera, which publishes pictures like one of TROS."""
    options = {
        '--source': arguments['camera_source'],
        '--width': arguments.number('dnn_example_image_width', int),
        '--height': arguments.number('dnn_example_image_height', int),
        '--rate': arguments.number('framerate', float),
    }
    return [
        Node(
            package='rdk_yolo_seg',
            executable='yolo_seg_camera',
            namespace=arguments['namespace'],
            arguments=[text for name, value in options.items() if value for text in (name, str(value))],
            remappings=[('hbmem_img', arguments.in_namespace(arguments['hbmem_topic']))],
            output='screen',
            sigterm_timeout=STOP_TIMEOUT_S,
            sigkill_timeout=STOP_TIMEOUT_S,
        )
    ]


def start_web(arguments, camera):
    """The web page of TROS: JPEG pictures with the results drawn by the browser."""
    encoders = []
    # A USB camera sends JPEG already.
    image = arguments.in_namespace('image' if camera == 'usb' else 'image_jpeg')
    if camera != 'usb':
        encode = arguments.vendor(
            {
                'codec_channel': arguments['codec_channel'],
                'codec_in_mode': 'shared_mem',
                'codec_in_format': 'nv12',
                'codec_sub_topic': arguments.in_namespace(arguments['hbmem_topic']),
                'codec_out_mode': 'ros',
                'codec_out_format': 'jpeg',
                'codec_pub_topic': image,
            }
        )
        encode['log_level'] = 'warn'
        encoders = [include('hobot_codec', 'hobot_codec_encode.launch.py', encode, scope_of(arguments))]
    page = arguments.vendor(
        {
            'websocket_image_topic': image,
            'websocket_image_type': 'mjpeg',
            'websocket_smart_topic': arguments.in_namespace(arguments.results_topic()),
            'websocket_channel': arguments['web_channel'],
        }
    )
    page['log_level'] = 'warn'
    return [*encoders, include('websocket', 'websocket.launch.py', page, scope_of(arguments))]


def typed(value):
    """A parameter that keeps its type: launch would take a text like 1 or yes for something else."""
    if isinstance(value, list):
        return ParameterValue(value, value_type=List[str])  # noqa: UP006 - what launch_ros knows
    return ParameterValue(value, value_type=str) if isinstance(value, str) else value


def start_node(arguments):
    """The segmentation node; arguments that were left empty do not override the parameter file."""
    overrides, log = {}, []
    if arguments['dnn_example_config_file']:
        overrides, log = module_beside('dnn_config').read_config(arguments['dnn_example_config_file'])
    if arguments['model_path']:
        configured = overrides.get('model.path', arguments['model_path'])
        if configured != arguments['model_path']:
            raise RuntimeError(
                f'model_path:={arguments["model_path"]} and model_file {configured} in '
                f'{arguments["dnn_example_config_file"]} contradict each other: give one of them'
            )
        overrides['model.path'] = arguments['model_path']
    if arguments['overlay']:
        overrides['output.overlay'] = arguments['overlay'] == 'true'
    if arguments['frame_id']:
        # tf2 knows no frames that begin with a slash, as namespaces do.
        overrides['frame_id'] = arguments['frame_id'].lstrip('/')
    perception_targets = arguments['perception_targets'] or ('true' if arguments['web'] == 'true' else '')
    if perception_targets:
        overrides['output.perception_targets'] = perception_targets == 'true'
    cameras = arguments.cameras()
    if cameras:
        overrides['cameras.names'] = cameras
    typed_overrides = {name: typed(value) for name, value in overrides.items()}
    inputs = [] if cameras else [('hbmem_img', arguments.in_namespace(arguments['hbmem_topic']))]
    return [
        *[LogInfo(msg=line) for line in log],
        Node(
            package='rdk_yolo_seg',
            executable='yolo_seg_node',
            namespace=arguments['namespace'],
            name=arguments['node_name'],
            parameters=[arguments['params_file'], *([typed_overrides] if typed_overrides else [])],
            remappings=[*inputs, *arguments.output_remappings()],
            arguments=['--ros-args', '--log-level', arguments['log_level']],
            output='screen',
            emulate_tty=True,
            respawn=arguments['respawn'] == 'true',
            respawn_delay=2.0,
            sigterm_timeout=STOP_TIMEOUT_S,
            sigkill_timeout=STOP_TIMEOUT_S,
        ),
    ]


def start_all(context):
    """Node, camera and web page, as the arguments say."""
    arguments = Arguments(context)
    camera = arguments.camera()
    web = arguments['web'] == 'true'
    if web and arguments['perception_targets'] == 'false':
        raise RuntimeError('web:=true shows the results that perception_targets:=false keeps back: leave one out')
    needs = {'mipi': ['mipi_cam'], 'usb': ['hobot_usb_cam', 'hobot_codec']}.get(camera, [])
    needs = list(dict.fromkeys([*needs, *(['hobot_codec', 'websocket'] if web else [])]))
    if needs:
        require([*needs, 'hobot_shm'], f'camera:={camera}' + (' web:=true' if web else ''))
    start_camera = {'mipi': start_mipi, 'usb': start_usb, 'file': start_file, 'none': lambda _: []}[camera]
    return [
        *([shared_memory()] if needs else []),
        *(start_node(arguments) if arguments['node'] == 'true' else []),
        *start_camera(arguments),
        *(start_web(arguments, camera) if web else []),
    ]


def generate_launch_description():
    """Called by ros2 launch."""
    return LaunchDescription([*declare_arguments(), OpaqueFunction(function=start_all)])
