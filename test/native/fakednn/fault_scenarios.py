"""What fails on purpose. One function each; see scenarios.py."""

import ctypes as c
import time

from abi import CLEAN, INVALIDATE, Mem, ok
from setting import BOXES_LAID, MS, OTHER, PICTURE, SCORES_LAID, clean_end, model


def faults(lib):
    """Of model file and environment: RDK_FAKEDNN_FAULTS is set to fail the second hbDNNGetInputCount."""
    count = c.c_int32()
    m = model(lib, "faulty")
    assert [lib.hbDNNGetInputCount(c.byref(count), m.handle) for _ in range(3)] == [0, -6000005, 0]
    m.write(PICTURE)
    assert [m.infer()[0], m.infer()[0]] == [-6000012, -6000009]
    task = m.submit()
    assert lib.hbDNNWaitTaskDone(task, 100) == -6000014
    ok(lib.hbDNNReleaseTask(task))
    m.run()
    flush = lambda flag: lib.hbSysFlushMem(c.byref(m.input.mem[0]), flag)
    assert [flush(INVALIDATE), flush(CLEAN), flush(INVALIDATE)] == [0, -6000129, -6000129]
    mem = m.input.mem[0]
    assert lib.hbSysAllocCachedMem(c.byref(Mem()), 16) == -6000130
    assert lib.hbSysFreeMem(c.byref(mem)) == -6000129
    assert lib.hbDNNRelease(m.packed) == -6000013
    m.close()
    clean_end(lib)


def random_faults(lib):
    """The same share of the same calls each time."""

    def outcomes():
        m = model(lib, "random")
        m.write(PICTURE)
        found = []
        for _ in range(200):
            status, task = m.infer()
            if status == 0:
                status = lib.hbDNNWaitTaskDone(task, 1000)
                ok(lib.hbDNNReleaseTask(task))
            found.append(status)
        m.close()
        return found

    first = outcomes()
    assert set(first) == {0, -6000012}
    assert 20 < first.count(-6000012) < 100
    assert outcomes() == first
    clean_end(lib)


def failed_tasks(lib):
    """A task fails at its end, after which its memory is free; a timeout is at once."""
    m = model(lib, "failing")
    m.write(PICTURE)
    task = m.submit()
    assert lib.hbDNNWaitTaskDone(task, 1000) == -6000012
    times = lib.times(task)
    assert 20 * MS == times.done - times.submitted and times.done <= time.monotonic_ns()
    ok(lib.hbDNNReleaseTask(task))
    m.write(PICTURE)
    task = m.submit()
    assert lib.hbDNNWaitTaskDone(task, 1000) == -6000008
    assert lib.times(task).done > time.monotonic_ns()
    ok(lib.hbDNNReleaseTask(task))
    time.sleep(0.03)
    m.run()
    m.close()
    clean_end(lib)


def hung(lib):
    """A task that never ends: nothing is written, but its memory stays taken."""
    m = model(lib, "hung")
    m.write(PICTURE)
    task = m.submit()
    assert lib.hbDNNWaitTaskDone(task, 10) == -6000008
    before = m.read()
    ok(lib.hbDNNReleaseTask(task))
    assert m.read() == before
    m.close()
    clean_end(lib, *["a task still uses the memory"] * 3)


def stray(lib):
    """The device writes after the release, and over the outputs of a task that was given the same memory."""
    m = model(lib, "stray")
    m.write(PICTURE)
    task = m.submit()
    assert lib.hbDNNWaitTaskDone(task, 10) == -6000008
    before = m.read()
    ok(lib.hbDNNReleaseTask(task))
    assert m.read() == before
    time.sleep(0.05)
    assert m.read() == [SCORES_LAID, BOXES_LAID] != before
    m.write(OTHER)
    m.run()
    assert m.read() == [SCORES_LAID, BOXES_LAID]
    m.close()
    taken = ["input images is in", "output scores is in", "output boxes is in"]
    clean_end(lib, "CLEAN of memory", *taken, *["a task still uses the memory"] * 3)


def late(lib):
    m = model(lib, "late")
    m.write(PICTURE)
    took = []
    for _ in range(2):
        task = m.submit()
        ok(lib.hbDNNWaitTaskDone(task, 1000))
        took.append(lib.times(task).done - lib.times(task).submitted)
        ok(lib.hbDNNReleaseTask(task))
    assert took == [0, 30 * MS]
    m.close()
    clean_end(lib)


def strict(lib):
    lib.hbDNNReleaseTask(c.c_void_p(16))
    raise AssertionError("the process should have been aborted")
