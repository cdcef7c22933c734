"""launch.substitutions: the one that our launch file uses."""


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
