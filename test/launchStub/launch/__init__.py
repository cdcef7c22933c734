"""Stub of ROS 2's `launch`, which no package registry has: runs a launch file and records what it starts.

Written after the public signatures of launch and launch_ros (Humble and Jazzy): an argument that they do not
know is a TypeError here too. The package of that name on PyPI is something else.
"""

from dataclasses import dataclass, field


@dataclass
class LaunchContext:
    """What substitutions are resolved against."""

    launch_configurations: dict = field(default_factory=dict)
    started: list[dict] = field(default_factory=list)
    declared: set[str] = field(default_factory=set)
    log: list[str] = field(default_factory=list)


class LaunchDescription:
    """A list of entities that are visited in order."""

    def __init__(self, initial_entities=None, *, deprecated_reason=None):
        self.entities = list(initial_entities or [])

    def visit(self, context):
        """Visit every entity, as the launch service would."""
        for entity in self.entities:
            entity.visit(context)
