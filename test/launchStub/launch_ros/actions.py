"""launch_ros.actions: the one that our launch file uses."""

from launch.actions import ExecuteProcess


class Node(ExecuteProcess):
    """A ROS node's process."""

    def __init__(
        self,
        *,
        executable,
        package=None,
        name=None,
        namespace=None,
        exec_name=None,
        parameters=None,
        remappings=None,
        ros_arguments=None,
        arguments=None,
        **kwargs,
    ):
        super().__init__(cmd=[package, executable], **kwargs)
        for source, target in remappings or []:
            if not (isinstance(source, str) and isinstance(target, str)):
                raise TypeError(f'a remapping is {source!r} to {target!r}; expected texts')
        self.recorded |= {
            'package': package,
            'executable': executable,
            'name': name,
            'namespace': namespace,
            'parameters': parameters or [],
            'remappings': remappings or [],
            'arguments': [*(arguments or []), *(ros_arguments or [])],
        }
