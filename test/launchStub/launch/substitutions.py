"""launch.substitutions: the one that our launch files use."""


def perform(context, value):
    """A text, a substitution or a list of them as text; None stays."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list | tuple):
        return ''.join(perform(context, part) for part in value)
    return value.perform(context)


class LaunchConfiguration:
    """The value of a launch argument."""

    def __init__(self, variable_name, *, default=None):
        self.variable_name, self.default = variable_name, default

    def perform(self, context):
        """The value as text; raises for an argument that was never declared."""
        value = context.launch_configurations.get(self.variable_name, self.default)
        if value is None:
            raise RuntimeError(f"launch configuration '{self.variable_name}' does not exist")
        return value
