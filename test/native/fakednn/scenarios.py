"""Uses of libdnn.so, one function each: scenarios.py LIBRARY FOLDER NAME... prints how they ended (JSON)."""

import json
import os
import sys
import traceback

import fault_scenarios
import memory_scenarios
import model_scenarios
import task_scenarios
from abi import Library, record
from setting import RECORDED, folder

SCENARIOS = {}
for module in (model_scenarios, memory_scenarios, task_scenarios, fault_scenarios):
    SCENARIOS.update(vars(module))


def outcome(name):
    """How a process of its own ended with a scenario (0, or less by its signal), and its stderr."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(writing, 2)
        os.close(reading)
        try:
            SCENARIOS[name](Library(sys.argv[1]))
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    os.close(writing)
    with open(reading, errors="replace") as stream:
        text = stream.read()
    _, status = os.waitpid(child, 0)
    return {"status": os.waitstatus_to_exitcode(status), "stderr": text}


record(folder / "padded.bin", RECORDED)
print(json.dumps({name: outcome(name) for name in sys.argv[3:]}))
