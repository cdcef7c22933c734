"""Start the segmentation node and, on a PC without a camera, the demo camera that publishes like a TROS one.

    ros2 launch rdk_yolo_seg yolo_seg.launch.py params_file:=my.yaml hbmem_topic:=/front/hbmem_img
    ros2 launch rdk_yolo_seg yolo_seg.launch.py camera:=true
"""

import os

from launch.actions import DeclareLaunchArgument, OpaqueFunction
from launch.conditions import IfCondition
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node

from launch import LaunchDescription

# The same place relative to this file in the checkout and in the installed package.
DEFAULT_PARAMS = os.path.join(
    os.path.dirname(os.path.dirname(os.path.realpath(__file__))), 'config', 'params', 'yolo_seg.yaml'
)

# Draining frames in flight and returning loans takes longer than launch's five seconds where the CPU is busy.
STOP_TIMEOUT_S = '10'


def declare_arguments():
    """Arguments with their defaults; `ros2 launch rdk_yolo_seg yolo_seg.launch.py --show-args` lists them."""
    return [
        DeclareLaunchArgument(
            'params_file', default_value=DEFAULT_PARAMS, description='YAML file with the parameters of the node'
        ),
        DeclareLaunchArgument('namespace', default_value='', description='Namespace of the node and its topics'),
        DeclareLaunchArgument('node_name', default_value='yolo_seg', description='Name of the node'),
        DeclareLaunchArgument(
            'hbmem_topic', default_value='/hbmem_img', description='Topic with the NV12 frames (hbm_img_msgs)'
        ),
        DeclareLaunchArgument(
            'model_path', default_value='', description='Model file; empty: the one in params_file'
        ),
        DeclareLaunchArgument(
            'overlay',
            default_value='',
            choices=['', 'true', 'false'],
            description='Whether the overlay may be drawn; empty: as in params_file',
        ),
        DeclareLaunchArgument(
            'log_level',
            default_value='info',
            choices=['debug', 'info', 'warn', 'error', 'fatal'],
            description='Log level of the node',
        ),
        DeclareLaunchArgument(
            'respawn',
            default_value='false',
            choices=['true', 'false'],
            description='Start the node again when it ends unexpectedly',
        ),
        DeclareLaunchArgument(
            'camera',
            default_value='false',
            choices=['true', 'false'],
            description='Start the demo camera, which publishes pictures on hbmem_topic',
        ),
        DeclareLaunchArgument(
            'camera_source',
            default_value='',
            description='Folder of pictures or NV12 file for the demo camera; empty: the bundled scenes',
        ),
    ]


def start_node(context):
    """The segmentation node; arguments that were left empty do not override the parameter file."""

    def value(name):
        return LaunchConfiguration(name).perform(context)

    overrides = {}
    if value('model_path'):
        overrides['model.path'] = value('model_path')
    if value('overlay'):
        overrides['output.overlay'] = value('overlay') == 'true'
    return [
        Node(
            package='rdk_yolo_seg',
            executable='yolo_seg_node',
            namespace=value('namespace'),
            name=value('node_name'),
            parameters=[value('params_file')] + ([overrides] if overrides else []),
            remappings=[('hbmem_img', value('hbmem_topic'))],
            arguments=['--ros-args', '--log-level', value('log_level')],
            output='screen',
            emulate_tty=True,
            respawn=value('respawn') == 'true',
            respawn_delay=2.0,
            sigterm_timeout=STOP_TIMEOUT_S,
            sigkill_timeout=STOP_TIMEOUT_S,
        )
    ]


def start_camera(context):
    """The demo camera."""
    source = LaunchConfiguration('camera_source').perform(context)
    return [
        Node(
            package='rdk_yolo_seg',
            executable='yolo_seg_camera',
            arguments=['--source', source] if source else [],
            remappings=[('hbmem_img', LaunchConfiguration('hbmem_topic').perform(context))],
            output='screen',
            sigterm_timeout=STOP_TIMEOUT_S,
            sigkill_timeout=STOP_TIMEOUT_S,
        )
    ]


def generate_launch_description():
    """Called by ros2 launch."""
    return LaunchDescription(
        declare_arguments()
        + [
            OpaqueFunction(function=start_node),
            OpaqueFunction(function=start_camera, condition=IfCondition(LaunchConfiguration('camera'))),
        ]
    )
