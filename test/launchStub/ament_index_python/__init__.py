"""Stub of ROS 2's `ament_index_python`; see the launch package beside it."""
