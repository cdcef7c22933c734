"""Runs a launch file with arguments and prints as JSON what it would start.

    python3 run.py yolo_seg.launch.py name:=value ...
"""

import json
import sys

from launch.launch_description_sources import PythonLaunchDescriptionSource

from launch import LaunchContext

given = dict(argument.split(':=', 1) for argument in sys.argv[2:])
context = LaunchContext(dict(given))
PythonLaunchDescriptionSource(sys.argv[1]).get_launch_description(context).visit(context)
unknown = set(given) - context.declared
if unknown:
    raise SystemExit(f'unknown launch arguments: {", ".join(sorted(unknown))}')
print(json.dumps({'started': context.started, 'log': context.log}))
