"""Two cameras, each in a namespace of its own, with a node each or with one for both; docs/launch.md tells more.

    ros2 launch rdk_yolo_seg two_cameras.launch.py camera:=mipi web:=true
    ros2 launch rdk_yolo_seg two_cameras.launch.py camera:=usb first_device:=/dev/video0 second_device:=/dev/video2
    ros2 launch rdk_yolo_seg two_cameras.launch.py camera:=mipi one_node:=true
"""

import os

from launch.actions import DeclareLaunchArgument, GroupAction, IncludeLaunchDescription, OpaqueFunction
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration

from launch import LaunchDescription

ONE_CAMERA = os.path.join(os.path.dirname(os.path.realpath(__file__)), 'yolo_seg.launch.py')

# Per camera: default namespace, MIPI host of the X5, channel of hobot_codec and of the web page.
CAMERAS = {'first': ('front', '2', '1', '0'), 'second': ('back', '0', '2', '1')}


def include(arguments, configurations=None):
    """yolo_seg.launch.py with these arguments; the others reach it as they were given."""
    source = PythonLaunchDescriptionSource(ONE_CAMERA)
    return GroupAction(
        [IncludeLaunchDescription(source, launch_arguments=arguments.items())],
        launch_configurations=configurations or {},
    )


def one_camera(which, codec_channel, web_channel, more):
    """A camera in its namespace, with its node where `more` does not say otherwise."""
    namespace = LaunchConfiguration(f'{which}_namespace')
    given = {
        'namespace': namespace,
        'hbmem_topic': 'hbmem_img',
        'frame_id': namespace,
        'device': LaunchConfiguration(f'{which}_device'),
        'camera_source': LaunchConfiguration(f'{which}_source'),
        'codec_channel': codec_channel,
        'web_channel': web_channel,
        **more,
    }
    # Of mipi_cam, which not every version declares.
    return include(given, {'mipi_channel': LaunchConfiguration(f'{which}_mipi_channel')})


def start_all(context):
    """The cameras, and a node for each or one in no namespace for both."""
    given = context.launch_configurations
    is_one = given['one_node'] == 'true'
    names = {which: given[f'{which}_namespace'].strip('/') for which in CAMERAS}
    started = []
    if is_one:
        alone = {'namespace': '', 'cameras': ','.join(names.values()), 'camera': 'none', 'web': 'false'}
        # The pages belong to the cameras, what they show comes from the node.
        shown = {'perception_targets': 'true'} if given.get('web') == 'true' else {}
        started.append(include({**alone, **shown, 'node': 'true', 'hbmem_topic': '/hbmem_img', 'frame_id': ''}))
    for which, (_, _, codec_channel, web_channel) in CAMERAS.items():
        node = given.get('node_name', 'yolo_seg')
        below = '' if node == 'yolo_seg' else f'/{node}'
        results = f'{below}/{names[which]}/hobot_dnn_detection'
        more = {'node': 'false', 'dnn_example_msg_pub_topic_name': results} if is_one else {}
        started.append(one_camera(which, codec_channel, web_channel, more))
    return started


def generate_launch_description():
    """Called by ros2 launch."""
    declared = [
        DeclareLaunchArgument(
            'one_node',
            default_value='false',
            choices=['true', 'false'],
            description='One node with one model for both cameras, which it takes in turn, in place of two',
        )
    ]
    for which, (namespace, mipi_channel, _, _) in CAMERAS.items():
        for name, default, what in (
            ('namespace', namespace, 'Namespace of the {} camera and its results, and their frame_id'),
            ('device', '', 'Sensor or /dev/videoN of the {} camera; empty: its default'),
            ('source', '', 'camera:=file: folder of pictures or NV12 file of the {} camera; empty: the bundled scenes'),
            ('mipi_channel', mipi_channel, 'camera:=mipi: host that the {} camera is connected to'),
        ):
            declared.append(
                DeclareLaunchArgument(f'{which}_{name}', default_value=default, description=what.format(which))
            )
    return LaunchDescription([*declared, OpaqueFunction(function=start_all)])
