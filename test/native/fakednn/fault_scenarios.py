"""What fails on purpose. One function each; see scenarios.py."""

import ctypes as c
import time

from abi import CLEAN, INVALIDATE, Mem, ok
from setting import (
    BOXES_LAID,
    MS,
    OTHER,
    PICTURE,
    SCORES_LAID,
    clean_end,
    model,
    release_elsewhere,
    submitted,
)


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
    m, task = submitted(lib, "failing")
    assert lib.hbDNNWaitTaskDone(task, 1000) == -6000012
    times = lib.times(task)
    assert times.done - times.submitted == 20 * MS and times.done <= time.monotonic_ns()
    ok(lib.hbDNNReleaseTask(task))
    m.write(PICTURE)
    task = m.submit()
    assert lib.hbDNNWaitTaskDone(task, 1000) == -6000008
    assert lib.times(task).done > time.monotonic_ns()
    ok(lib.hbDNNReleaseTask(task))
    m.run()
    m.close()
    clean_end(lib)


def hung(lib):
    """A task that never ends: nothing is written, its memory stays taken, and its release does not return."""
    m, task = submitted(lib, "hung")
    assert lib.hbDNNWaitTaskDone(task, 10) == -6000008
    before = m.read()
    returned = release_elsewhere(m, task)
    # Others go on meanwhile.
    other = model(lib, "timed")
    other.write(PICTURE)
    other.run()
    other.close()
    assert m.read() == before and returned == []
    m.free()
    clean_end(lib, *["a task still uses the memory"] * 3, held=(0, 1, 1))


def stray(lib):
    """The device writes while the release pends, and over the outputs of a task given the same memory."""
    m, task = submitted(lib, "stray")
    assert lib.hbDNNWaitTaskDone(task, 10) == -6000008
    before = m.read()
    release_elsewhere(m, task)
    while m.read() == before:
        time.sleep(0.001)
    assert m.read() == [SCORES_LAID, BOXES_LAID]
    m.write(OTHER)
    m.run()
    assert m.read() == [SCORES_LAID, BOXES_LAID]
    m.free()
    taken = ["input images is in", "output scores is in", "output boxes is in"]
    uses = [*taken, *["a task still uses the memory"] * 3]
    clean_end(lib, "CLEAN of memory", *uses, held=(0, 1, 1))


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


def failed_waits(lib):
    """A wait that fails otherwise says nothing of the task, which goes on; its release waits for it."""
    m, task = submitted(lib, "unwaited")
    assert lib.hbDNNWaitTaskDone(task, 1000) == -6000011
    done = lib.times(task).done
    assert done > time.monotonic_ns()
    ok(lib.hbDNNReleaseTask(task))
    assert time.monotonic_ns() >= done
    m.run()
    m.close()
    clean_end(lib)


def failed_release(lib):
    """A release that fails ends the handle alone."""
    m, task = submitted(lib, "unreleased")
    assert lib.hbDNNReleaseTask(task) == -6000011
    assert lib.hbDNNRelease(m.packed) == -6000013
    assert lib.held()[1:] == (0, 1)
    assert lib.violations() == ["hbDNNRelease: a task of the model still runs"]
    while lib.hbDNNRelease(m.packed) == -6000013:
        time.sleep(0.001)
    lib.violations()
    m.free()
    clean_end(lib)


def begun(lib):
    """A call that fails and makes a task all the same; one that succeeds and makes none."""
    m = model(lib, "begun")
    m.write(PICTURE)
    status, task = m.infer()
    assert status == -6000007 and task.value is not None
    m.finish(task)
    assert m.read() == [SCORES_LAID, BOXES_LAID]
    status, task = m.infer()
    assert status == 0 and task.value is None
    m.close()
    clean_end(lib)


def unusable(lib):
    """Names that are NULL, and memory the BPU cannot use."""
    m = model(lib, "unusable")
    names, count = c.POINTER(c.c_char_p)(), c.c_int32()
    ok(lib.hbDNNGetModelNameList(c.byref(names), c.byref(count), m.packed))
    assert (count.value, names[0]) == (1, None)
    assert m.input.mem[0].phy % 16 == 8
    m.write(PICTURE)
    m.run()
    assert m.read() == [SCORES_LAID, BOXES_LAID]
    m.close()
    clean_end(lib, "physical address that is no multiple of 16")


def strict(lib):
    lib.hbDNNReleaseTask(c.c_void_p(16))
    raise AssertionError("the process should have been aborted")
