"""launch_ros.actions: those that our launch files use."""

import os

from launch.actions import Action, ExecuteProcess
from launch.substitutions import LaunchConfiguration

from .parameter_descriptions import ParameterValue


class SetRemap(Action):
    """A remapping of every node of the scope."""

    def __init__(self, src, dst, **left):
        super().__init__(**left)
        self.rule = (src, dst)

    def execute(self, context):
        # In place, as launch_ros does it: rules of an outer scope would keep what an inner one adds.
        context.launch_configurations.setdefault('ros_remaps', []).append(self.rule)


class PushRosNamespace(Action):
    """A namespace around that of every node of the scope."""

    def __init__(self, namespace, **left):
        super().__init__(**left)
        self.namespace = namespace

    def execute(self, context):
        outer = context.launch_configurations.get('ros_namespace', '')
        context.launch_configurations['ros_namespace'] = f'{outer}/{self.namespace.strip("/")}'


def evaluated(context, parameters):
    """A parameter file as it is, a dictionary with its values."""
    if isinstance(parameters, str):
        return parameters
    kinds = {ParameterValue: lambda value: value.value, LaunchConfiguration: lambda value: value.perform(context)}
    return {name: kinds.get(type(value), lambda value: value)(value) for name, value in parameters.items()}


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

    def execute(self, context):
        scope = context.launch_configurations
        context.started.append(
            {
                **self.recorded,
                'parameters': [evaluated(context, item) for item in self.recorded['parameters']],
                'scope': {'namespace': scope.get('ros_namespace', ''), 'remaps': list(scope.get('ros_remaps', []))},
                'profile': os.environ.get('FASTRTPS_DEFAULT_PROFILES_FILE', ''),
            }
        )
