"""What the scenarios share: pictures, their recorded outputs, and how a scenario ends."""

import pathlib
import re
import struct
import sys
import threading
import time
from itertools import zip_longest

from abi import Loaded, ok

PICTURE = bytes(at * 7 % 251 for at in range(64 * 96))
OTHER = bytes(at * 5 % 241 for at in range(64 * 96))
# As they are recorded: boxes [1, 2, 2, 3] s32 and scores [1, 1, 2, 2] f32, each at a multiple of 64 bytes.
BOXES = struct.pack("<12i", *range(1, 13)) + bytes(16)
SCORES = struct.pack("<4f", 0.5, 1.5, 2.5, 3.5) + bytes(48)
RECORDED = {PICTURE: BOXES + SCORES, OTHER: bytes(64) + SCORES}
POISON = 0x7F
SCORES_LAID = SCORES[:16]
# Rows of three elements take four in the model's memory; what lies between is poison.
BOXES_LAID = b"".join(BOXES[at * 12 : at * 12 + 12] + bytes([POISON] * 4) for at in range(4))

MS = 1_000_000
folder = pathlib.Path(sys.argv[2])


def model(lib, name="padded"):
    return Loaded(lib, folder / f"{name}.bin")


def submitted(lib, name="padded"):
    """A model with a picture written and its task on the BPU."""
    m = model(lib, name)
    m.write(PICTURE)
    return m, m.submit()


def submit_all(models, wishes=()):
    """Writes a picture into each model and submits a task of each, with the control that it wishes."""
    for m in models:
        m.write(PICTURE)
    return [m.submit(**wish) for m, wish in zip_longest(models, wishes, fillvalue={})]


def wait_all(lib, tasks, timeout_ms=1000):
    """Waits for each task; the times of all."""
    for task in tasks:
        ok(lib.hbDNNWaitTaskDone(task, timeout_ms))
    return [lib.times(task) for task in tasks]


def release_all(lib, models, tasks):
    for m, task in zip(models, tasks, strict=True):
        ok(lib.hbDNNReleaseTask(task))
        m.close()


NOT_RETURNED = "hbDNNRelease: the release of a task of the model has not returned"


def release_elsewhere(m, task):
    """Calls the release in a thread of its own; a list that gets its status. Returns once the thread is inside."""
    returned = []
    call = lambda: returned.append(m.lib.hbDNNReleaseTask(task))
    threading.Thread(target=call, daemon=True).start()
    inside = False
    while not inside:
        assert m.lib.hbDNNRelease(m.packed) == -6000013
        inside = NOT_RETURNED in m.lib.violations()
        time.sleep(0.001)
    return returned


def clean_end(lib, *expected, held=(0, 0, 0)):
    """Nothing held (memory, tasks, models), and exactly these violations (as regular expressions)."""
    texts = lib.violations()
    assert len(texts) == len(expected), texts
    for text, pattern in zip(texts, expected, strict=True):
        assert re.search(pattern, text), (text, pattern)
    assert lib.held() == held, lib.held()
