"""How long tasks take, in which order, and who may ask. One function each; see scenarios.py."""

import ctypes as c
import threading
import time
from itertools import pairwise

from abi import CLEAN, Control, ok
from setting import (
    MS,
    NOT_RETURNED,
    PICTURE,
    clean_end,
    model,
    release_all,
    release_elsewhere,
    submit_all,
    submitted,
    wait_all,
)

CORE, HOST = 5_500_000, 4_900_000


def handles(lib):
    m, task = submitted(lib)
    assert m.infer(task=c.c_void_p(task.value))[0] == -6000015
    ok(lib.hbDNNWaitTaskDone(task, 1000))
    assert lib.hbDNNWaitTaskDone(task, 1000) == -6000011
    ok(lib.hbDNNReleaseTask(task))
    assert lib.hbDNNReleaseTask(task) == -6000011
    assert m.infer(Control(more=1))[0] == -6000015
    assert m.infer(Control(priority=256))[0] == -6000001
    m.close()
    clean_end(lib, "taskHandle is not NULL", "was waited for before", "released before", "more", "256")


def never_released(lib):
    m, task = submitted(lib)
    assert lib.hbDNNRelease(m.packed) == -6000013
    m.finish(task)
    m.close()
    clean_end(lib, "hbDNNRelease: a task of the model was not released")


def too_many_tasks(lib):
    loaded = [model(lib, "timed") for _ in range(33)]
    for m in loaded:
        m.write(PICTURE)
    tasks = [m.submit() for m in loaded[:32]]
    assert loaded[32].infer()[0] == -6000009
    loaded[0].finish(tasks[0])
    loaded[32].run()
    for m, task in zip(loaded[1:], tasks[1:], strict=False):
        m.finish(task)
    for m in loaded:
        m.close()
    clean_end(lib)


def one_task(lib):
    """One task in flight: core, then host, then the next."""
    m = model(lib, "x5")
    m.write(PICTURE)
    ends = []
    for _ in range(5):
        task = m.submit()
        ok(lib.hbDNNWaitTaskDone(task, 1000))
        times = lib.times(task)
        assert times.core_start == times.submitted
        assert times.core_end == times.core_start + CORE and times.done == times.core_end + HOST
        ends.append(times.done)
        ok(lib.hbDNNReleaseTask(task))
    assert all(second - first >= CORE + HOST for first, second in pairwise(ends))
    m.close()
    clean_end(lib)


def saturated(lib):
    """Tasks enough for the core: one every 5.5 ms, exactly."""
    slots = [model(lib, "x5") for _ in range(8)]
    tasks = submit_all(slots)
    times = wait_all(lib, tasks)
    for first, second in pairwise(times):
        assert second.core_start == max(first.core_end, second.submitted)
        assert second.done == second.core_start + CORE + HOST
    assert times[-1].core_start - times[0].core_start >= 7 * CORE
    release_all(lib, slots, tasks)
    clean_end(lib)


def priorities(lib):
    """The first has the core; then the highest priority goes first, then the smallest customId."""
    slots = [model(lib, "slow") for _ in range(5)]
    wishes = [{}, {"custom_id": 9}, {"custom_id": 3}, {"priority": 1}, {"priority": 255, "custom_id": 7}]
    tasks = submit_all(slots, wishes)
    starts = [times.core_start for times in wait_all(lib, tasks, 5000)]
    order = sorted(range(5), key=starts.__getitem__)
    assert order == [0, 4, 3, 2, 1], order
    release_all(lib, slots, tasks)
    clean_end(lib)


def timeout(lib):
    """The release of a task that has the core returns when the task has ended: its memory is free then."""
    m, task = submitted(lib, "slow")
    assert lib.hbDNNWaitTaskDone(task, 5) == -6000008
    done = lib.times(task).done
    assert done - lib.times(task).submitted == 50 * MS
    ok(lib.hbDNNReleaseTask(task))
    assert time.monotonic_ns() >= done
    ok(lib.hbSysFlushMem(c.byref(m.input.mem[0]), CLEAN))
    m.run()
    m.close()
    clean_end(lib)


def jammed(lib):
    """Nobody gets past a task that never leaves the core; the release of those behind it returns at once."""
    first, second = model(lib, "jammed"), model(lib, "timed")
    running, waiting = submit_all([first, second])
    assert [lib.hbDNNWaitTaskDone(task, 20) for task in (running, waiting)] == [-6000008] * 2
    assert lib.times(running).core_start > 0 and lib.times(waiting).core_start == -1
    ok(lib.hbDNNReleaseTask(waiting))
    second.close()
    returned = release_elsewhere(first, running)
    # It is nobody's any more.
    assert lib.hbDNNReleaseTask(running) == -6000011
    assert lib.hbDNNWaitTaskDone(running, 5) == -6000011
    assert lib.hbDNNRelease(first.packed) == -6000013
    assert lib.held()[1:] == (1, 1) and returned == []
    first.free()
    used = ["a task still uses the memory"] * 3
    clean_end(lib, *["was released before or never made"] * 2, NOT_RETURNED, *used, held=(0, 1, 1))


def jamming(lib):
    """Those behind a task that has the core longer run after it."""
    first, second = model(lib, "jamming"), model(lib, "timed")
    tasks = submit_all([first, second])
    times = wait_all(lib, tasks)
    assert times[0].core_end - times[0].core_start == 50 * MS
    assert times[1].core_start == times[0].core_end
    release_all(lib, [first, second], tasks)
    clean_end(lib)


def callback(lib):
    done, seen = threading.Event(), []
    kind = c.CFUNCTYPE(None, c.c_void_p, c.c_int32, c.c_void_p)
    report = kind(lambda task, status, user: (seen.append((task, status, user)), done.set()))
    m, task = submitted(lib, "timed")
    ok(lib.hbDNNSetTaskDoneCb(task, report, c.c_void_p(7)))
    assert done.wait(5)
    assert seen == [(task.value, 0, 7)]
    ok(lib.hbDNNReleaseTask(task))
    m.close()
    clean_end(lib)
