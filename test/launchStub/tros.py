"""Stand-ins for the launch files of TROS: what they declare, with their defaults, and what they start.

The names and defaults are those of mipi_cam, hobot_usb_cam, hobot_codec, hobot_websocket and hobot_shm for Humble.
"""

import os

from ament_index_python.packages import get_package_share_directory
from launch.actions import DeclareLaunchArgument, IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node

from launch import LaunchDescription

CODEC = {
    'codec_channel': '1',
    'codec_in_mode': None,
    'codec_in_format': None,
    'codec_out_mode': None,
    'codec_out_format': None,
    'codec_sub_topic': None,
    'codec_pub_topic': None,
    'codec_input_framerate': '30',
    'codec_output_framerate': '-1',
    'codec_dump_output': 'False',
}
DECODE = {
    'codec_in_mode': 'ros',
    'codec_in_format': 'jpeg',
    'codec_out_mode': 'shared_mem',
    'codec_out_format': 'nv12',
    'codec_sub_topic': '/image_jpeg',
    'codec_pub_topic': '/hbmem_img',
}
ENCODE = {
    'codec_in_mode': 'shared_mem',
    'codec_in_format': 'nv12',
    'codec_out_mode': 'ros',
    'codec_out_format': 'jpeg',
    'codec_sub_topic': '/hbmem_img',
    'codec_pub_topic': '/image_jpeg',
}
MIPI = {
    'mipi_camera_calibration_file_path': 'default',
    'mipi_out_format': 'nv12',
    'mipi_image_width': '960',
    'mipi_image_height': '544',
    'mipi_image_framerate': '30.0',
    'mipi_channel': '2',
    'mipi_io_method': 'shared_mem',
    'mipi_video_device': 'default',
    'mipi_frame_ts_type': 'sensor',
    'mipi_rotation': '0.0',
}
USB = {
    'usb_frame_id': 'default_usb_cam',
    'usb_framerate': '30',
    'usb_image_height': '480',
    'usb_image_width': '640',
    'usb_io_method': 'mmap',
    'usb_pixel_format': 'mjpeg',
    'usb_video_device': '/dev/video8',
    'usb_zero_copy': 'False',
}
WEB = {
    'websocket_image_topic': '/image_jpeg',
    'websocket_image_type': 'mjpeg',
    'websocket_only_show_image': 'False',
    'websocket_output_fps': '0',
    'websocket_smart_topic': '/hobot_mono2d_body_detection',
    'websocket_channel': '0',
    'log_level': 'warn',
}


def describe(package, arguments, *, shared_memory=True):
    """A launch file that declares arguments and hands all of them to one node."""

    def generate():
        path = os.path.join(get_package_share_directory('hobot_shm'), 'launch/hobot_shm.launch.py')
        return LaunchDescription(
            [
                *[DeclareLaunchArgument(name, default_value=value, description=name) for name, value in arguments.items()],
                *([IncludeLaunchDescription(PythonLaunchDescriptionSource(path))] if shared_memory else []),
                Node(
                    package=package,
                    executable=package,
                    parameters=[{name: LaunchConfiguration(name) for name in arguments}],
                ),
            ]
        )

    return generate


def hobot_shm():
    """Sets variables as soon as it is read, and starts nothing."""
    os.environ.setdefault('FASTRTPS_DEFAULT_PROFILES_FILE', 'profile of hobot_shm')
    return LaunchDescription([])


FILES = {
    'mipi_cam/launch/mipi_cam.launch.py': describe('mipi_cam', MIPI),
    'hobot_usb_cam/launch/hobot_usb_cam.launch.py': describe('hobot_usb_cam', USB),
    'hobot_codec/launch/hobot_codec_decode.launch.py': describe('hobot_codec', {**CODEC, **DECODE}),
    'hobot_codec/launch/hobot_codec_encode.launch.py': describe(
        'hobot_codec', {**CODEC, **ENCODE, 'codec_jpg_quality': '60.0', 'log_level': 'warn'}
    ),
    'websocket/launch/websocket.launch.py': describe('websocket', WEB, shared_memory=False),
    'hobot_shm/launch/hobot_shm.launch.py': hobot_shm,
}
