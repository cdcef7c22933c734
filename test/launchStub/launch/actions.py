"""launch.actions: those that our launch files use."""

from launch.substitutions import perform


class Action:
    """Something that is done unless its condition is false."""

    def __init__(self, *, condition=None):
        self.condition = condition

    def visit(self, context):
        """Do it if the condition allows."""
        if self.condition is None or self.condition.evaluate(context):
            self.execute(context)

    def execute(self, context):
        """Do it."""
        raise NotImplementedError


class DeclareLaunchArgument(Action):
    """An argument of the launch file."""

    def __init__(self, name, *, default_value=None, description=None, choices=None, **kwargs):
        super().__init__(**kwargs)
        if not description:
            raise ValueError(f"argument '{name}' has no description")
        self.name, self.default_value, self.choices = name, default_value, choices

    def execute(self, context):
        context.declared.add(self.name)
        # An argument that an earlier file of the same scope has set keeps that value.
        value = context.launch_configurations.setdefault(self.name, perform(context, self.default_value))
        if value is None:
            raise RuntimeError(f"argument '{self.name}' is required")
        if self.choices is not None and value not in self.choices:
            raise RuntimeError(f"argument '{self.name}' is '{value}'; expected one of {self.choices}")


class OpaqueFunction(Action):
    """A function that returns more entities."""

    def __init__(self, *, function, args=None, kwargs=None, **left):
        super().__init__(**left)
        self.function, self.args, self.kwargs = function, args or [], kwargs or {}

    def execute(self, context):
        for entity in self.function(context, *self.args, **self.kwargs) or []:
            entity.visit(context)


class LogInfo(Action):
    """A line for the log."""

    def __init__(self, *, msg, **left):
        super().__init__(**left)
        self.msg = msg

    def execute(self, context):
        context.log.append(perform(context, self.msg))


class GroupAction(Action):
    """Actions in a scope of their own: what they set is gone after them."""

    def __init__(self, actions, *, scoped=True, forwarding=True, launch_configurations=None, **left):
        super().__init__(**left)
        if not (scoped and forwarding):
            raise NotImplementedError('our launch files have groups that are scoped and forward what is set')
        self.actions, self.configurations = actions, launch_configurations or {}

    def execute(self, context):
        outer = context.launch_configurations
        # Not a deep copy, as in launch: a list in there is shared.
        context.launch_configurations = dict(outer)
        for name, value in self.configurations.items():
            context.launch_configurations[name] = perform(context, value)
        for action in self.actions:
            action.visit(context)
        context.launch_configurations = outer


class IncludeLaunchDescription(Action):
    """Another launch file; it shares the scope, so that what it sets stays.

    Stricter than launch, which ignores arguments that the file does not declare.
    """

    def __init__(self, launch_description_source, *, launch_arguments=None, **left):
        super().__init__(**left)
        self.source, self.arguments = launch_description_source, launch_arguments or ()

    def execute(self, context):
        description = self.source.get_launch_description(context)
        declared = {entity.name for entity in description.entities if isinstance(entity, DeclareLaunchArgument)}
        # Evaluated in the order they are given, each setting its configuration, as launch does it.
        for name, value in self.arguments:
            if name not in declared:
                raise RuntimeError(f'{self.source.path} declares no argument {name}')
            context.launch_configurations[name] = perform(context, value)
        description.visit(context)


class ExecuteProcess(Action):
    """A process; keyword arguments as launch's ExecuteProcess and ExecuteLocal take them."""

    def __init__(
        self,
        *,
        cmd,
        prefix=None,
        name=None,
        cwd=None,
        env=None,
        additional_env=None,
        shell=False,
        sigterm_timeout='5',
        sigkill_timeout='5',
        emulate_tty=False,
        output='log',
        output_format='[{this.process_description.final_name}] {line}',
        cached_output=False,
        log_cmd=False,
        on_exit=None,
        respawn=False,
        respawn_delay=None,
        respawn_max_retries=-1,
        **kwargs,
    ):
        super().__init__(**kwargs)
        for text in (sigterm_timeout, sigkill_timeout):
            if not isinstance(text, str):
                raise TypeError(f'a timeout is {text!r}; launch takes substitutions or texts')
        self.recorded = {
            'cmd': cmd,
            'output': output,
            'respawn': respawn,
            'sigterm_timeout': sigterm_timeout,
            'sigkill_timeout': sigkill_timeout,
        }

    def execute(self, context):
        context.started.append(self.recorded)
