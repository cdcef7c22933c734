"""Runs a launch file with arguments and prints as JSON what it would start.

    python3 run.py yolo_seg.launch.py name:=value ...
"""

import importlib.util
import json
import sys

from launch import LaunchContext

spec = importlib.util.spec_from_file_location('launch_file', sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
context = LaunchContext(dict(argument.split(':=', 1) for argument in sys.argv[2:]))
declared = {entity.name for entity in module.generate_launch_description().entities if hasattr(entity, 'name')}
unknown = set(context.launch_configurations) - declared
if unknown:
    raise SystemExit(f'unknown launch arguments: {", ".join(sorted(unknown))}')
module.generate_launch_description().visit(context)
print(json.dumps(context.started))
