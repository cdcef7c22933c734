"""Two cameras, each with a node of its own in a namespace of its own; docs/launch.md tells more.

    ros2 launch rdk_yolo_seg two_cameras.launch.py camera:=mipi web:=true
    ros2 launch rdk_yolo_seg two_cameras.launch.py camera:=usb first_device:=/dev/video0 second_device:=/dev/video2
"""

import os

from launch.actions import DeclareLaunchArgument, GroupAction, IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration

from launch import LaunchDescription

ONE_CAMERA = os.path.join(os.path.dirname(os.path.realpath(__file__)), 'yolo_seg.launch.py')

# Per camera: default namespace, MIPI host of the X5, channel of hobot_codec and of the web page.
CAMERAS = {'first': ('front', '2', '1', '0'), 'second': ('back', '0', '2', '1')}


def one_camera(which, codec_channel, web_channel):
    """Camera and node in a namespace; the other arguments of yolo_seg.launch.py reach both alike."""
    namespace = LaunchConfiguration(f'{which}_namespace')
    given = {
        'namespace': namespace,
        'hbmem_topic': 'hbmem_img',
        'frame_id': namespace,
        'device': LaunchConfiguration(f'{which}_device'),
        'camera_source': LaunchConfiguration(f'{which}_source'),
        'codec_channel': codec_channel,
        'web_channel': web_channel,
    }
    # Of mipi_cam, which not every version declares.
    mipi = {'mipi_channel': LaunchConfiguration(f'{which}_mipi_channel')}
    source = PythonLaunchDescriptionSource(ONE_CAMERA)
    return GroupAction(
        [IncludeLaunchDescription(source, launch_arguments=given.items())], launch_configurations=mipi
    )


def generate_launch_description():
    """Called by ros2 launch."""
    declared, started = [], []
    for which, (namespace, mipi_channel, codec_channel, web_channel) in CAMERAS.items():
        for name, default, what in (
            ('namespace', namespace, 'Namespace of the {} camera and its node, and frame_id of its results'),
            ('device', '', 'Sensor or /dev/videoN of the {} camera; empty: its default'),
            ('source', '', 'camera:=file: folder of pictures or NV12 file of the {} camera; empty: the bundled scenes'),
            ('mipi_channel', mipi_channel, 'camera:=mipi: host that the {} camera is connected to'),
        ):
            declared.append(
                DeclareLaunchArgument(f'{which}_{name}', default_value=default, description=what.format(which))
            )
        started.append(one_camera(which, codec_channel, web_channel))
    return LaunchDescription([*declared, *started])
