"""Stub of ROS 2's `launch_ros`; see the launch package beside it."""
