"""launch_ros.parameter_descriptions: the one that our launch files use."""

from typing import List, get_args  # noqa: UP035 - what launch_ros knows

# What launch_ros knows; it compares types themselves.
KNOWN = (str, int, float, bool, List[str], List[int], List[float], List[bool])  # noqa: UP006


class ParameterValue:
    """A value of a type; a text without one is read as YAML."""

    def __init__(self, value, *, value_type=None):
        if value_type not in KNOWN:
            raise TypeError(f'value_type is {value_type}; launch_ros knows {KNOWN}')
        parts, kind = (value, get_args(value_type)[0]) if get_args(value_type) else ([value], value_type)
        if not all(type(part) is kind for part in parts):
            raise TypeError(f'{value!r} is no {value_type}')
        self.value = value
