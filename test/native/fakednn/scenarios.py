"""Uses of libdnn.so, one function each: scenarios.py LIBRARY FOLDER NAME... prints how they ended (JSON)."""

import ctypes as c
import json
import os
import pathlib
import re
import struct
import sys
import threading
import time
import traceback

from abi import CLEAN, INVALIDATE, NV12, NV12_SEPARATE, Control, Library, Loaded, Mem, ok, record

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


def model(lib, name="padded"):
    return Loaded(lib, folder / f"{name}.bin")


def clean_end(lib, *expected):
    """Nothing held, and exactly these violations (as regular expressions)."""
    texts = lib.violations()
    assert len(texts) == len(expected), texts
    for text, pattern in zip(texts, expected):
        assert re.search(pattern, text), (text, pattern)
    assert lib.held() == (0, 0, 0), lib.held()


def properties(lib):
    m = model(lib)
    assert lib.names(m.packed) == ["padded"]
    given = m.input.properties
    assert (given.valid.list(), given.aligned.list()) == ([1, 3, 64, 64],) * 2
    assert (given.layout, given.type, given.bytes, given.stride[:4]) == (2, NV12, 6144, [0] * 4)
    scores, boxes = (tensor.properties for tensor in m.outputs)
    assert (boxes.valid.list(), boxes.aligned.list()) == ([1, 2, 2, 3], [1, 2, 2, 4])
    assert (boxes.layout, boxes.type, boxes.bytes, boxes.stride[:4]) == (2, 14, 64, [64, 32, 16, 4])
    assert (boxes.quanti, boxes.axis, boxes.scale.data[: boxes.scale.len]) == (2, 3, [0.5, 0.25, 0.125])
    assert (scores.type, scores.bytes, scores.quanti, scores.scale.len) == (13, 16, 0, 0)
    mems = [m.input.mem[0], *(tensor.mem[0] for tensor in m.outputs)]
    assert all(mem.phy % 16 == 0 for mem in mems) and len({mem.phy for mem in mems}) == 3
    name, source = c.c_char_p(), c.c_int32()
    ok(lib.hbDNNGetOutputName(c.byref(name), m.handle, 1))
    assert name.value == b"boxes"
    ok(lib.hbDNNGetInputSource(c.byref(source), m.handle, 0))
    assert source.value == 2
    assert lib.hbDNNGetOutputName(c.byref(name), m.handle, 2) == -6000001
    assert lib.hbDNNGetErrorDesc(-6000009) == b"HB_DNN_TASK_NUM_EXCEED_LIMIT"
    assert lib.hbDNNGetVersion() == b"fakednn, no BPU: memory 3 tasks 0 models 1 violations 0"
    m.close()
    clean_end(lib)


def answers(lib):
    """Outputs in the order and with the strides of the text, whatever the recording has."""
    m = model(lib)
    m.write(PICTURE)
    m.run()
    assert m.read() == [SCORES_LAID, BOXES_LAID]
    m.write(OTHER)
    m.run()
    assert m.read()[1][:12] == bytes(12)
    m.close()
    clean_end(lib)


def forgotten_clean(lib):
    m = model(lib)
    m.write(PICTURE)
    m.run()
    m.write(OTHER, clean=False)
    m.run()
    # The device still sees the picture before.
    assert m.read() == [SCORES_LAID, BOXES_LAID]
    m.close()
    clean_end(lib, "input images was written and not CLEANed")


def never_cleaned(lib):
    m = model(lib)
    m.write(PICTURE, clean=False)
    m.run()
    assert all(set(output) == {POISON} for output in m.read())
    m.close()
    clean_end(lib, "not CLEANed", "no recording of this input")


def forgotten_invalidate(lib):
    m = model(lib)
    m.write(PICTURE)
    before = m.read(invalidate=False)
    m.run()
    assert m.read(invalidate=False) == before
    assert m.read() == [SCORES_LAID, BOXES_LAID]
    m.close()
    clean_end(lib)


def unknown_input(lib):
    m = model(lib)
    m.write(bytes(6144))
    m.run()
    assert all(set(output) == {POISON} for output in m.read())
    m.close()
    clean_end(lib, "padded has no recording of this input; the outputs are poison")


def uncached(lib):
    m = Loaded(lib, folder / "padded.bin", cached=False)
    m.write(PICTURE, clean=False)
    m.run()
    assert m.read(invalidate=False) == [SCORES_LAID, BOXES_LAID]
    m.close()
    clean_end(lib)


def registered(lib):
    """A camera's frame is an input where it lies."""
    m = model(lib)
    frame = c.create_string_buffer(PICTURE, len(PICTURE))
    mem = Mem(0x1000, c.addressof(frame), len(PICTURE))
    own, m.input.mem[0] = Mem.from_buffer_copy(m.input.mem[0]), mem
    ok(lib.hbSysRegisterMem(c.byref(mem)))
    assert lib.hbSysRegisterMem(c.byref(mem)) == -6000131
    m.run()
    assert m.read() == [SCORES_LAID, BOXES_LAID]
    ok(lib.hbSysUnregisterMem(c.byref(mem)))
    m.input.mem[0] = own
    m.close()
    clean_end(lib)


def copies(lib):
    mem = lib.alloc(64)
    back = c.create_string_buffer(16)
    ok(lib.hbSysWriteMem(c.byref(mem), c.c_char_p(b"0123456789abcdef"), 16))
    ok(lib.hbSysReadMem(back, c.byref(mem), 16))
    assert back.raw == b"0123456789abcdef"
    assert lib.hbSysReadMem(back, c.byref(mem), 65) == -6000129
    ok(lib.hbSysFreeMem(c.byref(mem)))
    clean_end(lib, "hbSysReadMem: memory at 0x.* has 64 bytes; expected at least 65")


def separate(lib):
    """Y and UV in memories of their own."""
    m = model(lib)
    own = Mem.from_buffer_copy(m.input.mem[0])
    planes = [PICTURE[:4096], PICTURE[4096:]]
    m.input.properties.type = NV12_SEPARATE
    for at, plane in enumerate(planes):
        m.input.mem[at] = lib.alloc(len(plane))
        c.memmove(m.input.mem[at].vir, plane, len(plane))
        ok(lib.hbSysFlushMem(c.byref(m.input.mem[at]), CLEAN))
    m.run()
    assert m.read() == [SCORES_LAID, BOXES_LAID]
    for at in range(2):
        ok(lib.hbSysFreeMem(c.byref(m.input.mem[at])))
    m.input.mem[0] = own
    m.close()
    clean_end(lib)


def pitch(lib):
    """What lies behind the rows does not matter, and data without a pitch is taken too."""
    m = model(lib, "pitched")
    rows = [PICTURE[at : at + 64] for at in range(0, len(PICTURE), 64)]
    for filler in (b"\x01", b"\x02"):
        m.write(b"".join(row + filler * 16 for row in rows))
        m.run()
        assert m.read() == [SCORES_LAID, BOXES_LAID]
    m.input.properties.aligned = m.input.properties.valid
    m.write(PICTURE)
    m.run()
    assert m.read() == [SCORES_LAID, BOXES_LAID]
    m.input.properties.aligned.dims[3] = 72
    m.write(b"".join(row + bytes(8) for row in rows))
    m.run()
    m.close()
    clean_end(lib, "pitch of 72 bytes; expected a multiple of 16")


def rgb(lib):
    """Planes of bytes."""
    m = model(lib, "rgb")
    planes = bytes(range(3 * 4 * 8))
    record(m.path, {planes: BOXES + SCORES})
    rows = [planes[at : at + 8] for at in range(0, len(planes), 8)]
    m.write(b"".join(row + bytes(8) for row in rows))
    m.run()
    assert m.read() == [SCORES_LAID, BOXES_LAID]
    m.close()
    clean_end(lib)


def odd_size(lib):
    m = model(lib, "odd")
    m.run()
    m.close()
    clean_end(lib, "NV12 of 63x64; expected even sizes", "written and not CLEANed", "no recording")


def unrecorded(lib):
    """A model without a recording answers zeros."""
    m = model(lib, "timed")
    m.write(PICTURE)
    m.run()
    assert all(set(output) == {0} for output in m.read())
    m.close()
    clean_end(lib)


def refused_models(lib):
    assert lib.load(folder / "missing.bin")[0] == -6000006
    assert lib.load(folder)[0] == -6000006
    (folder / "foreign.bin").write_bytes(bytes(range(256)))
    assert lib.load(folder / "foreign.bin")[0] == -6000002
    whole = (folder / "padded.bin").read_text()
    for bad in (
        whole[:40],
        whole.replace("(1,3,64,64,)", "(1,3,x,64,)"),
        whole.replace("F32", "F31"),
        whole.replace("output[1]", "output[2]"),
        whole.replace("stride:", "strides:"),
        whole.replace("name: boxes\n", ""),
    ):
        assert bad != whole
        (folder / "bad.bin").write_text(bad)
        assert lib.load(folder / "bad.bin")[0] == -6000002, bad
    # Two outputs of which one was recorded, or one of another shape.
    for bad in (whole.replace("name: boxes", "name: rows"), whole.replace("(1,2,2,3,)", "(1,2,3,2,)")):
        (folder / "padded2.bin").write_text(bad)
        assert lib.load(folder / "padded2.bin")[0] == -6000002, bad
    (folder / "march.bin").write_text(whole.replace("\n", "\nmarch: bernoulli2\n", 1))
    assert lib.load(folder / "march.bin")[0] == -6000014
    # Of two files none stays where one is refused.
    assert lib.load(folder / "padded.bin", folder / "bad.bin")[0] == -6000002
    clean_end(lib)


def several_models(lib):
    status, packed = lib.load(folder / "padded.bin", folder / "two.bin")
    ok(status)
    assert lib.names(packed) == ["padded", "first", "second"]
    handle = c.c_void_p()
    assert lib.hbDNNGetModelHandle(c.byref(handle), packed, b"third") == -6000001
    ok(lib.hbDNNRelease(packed))
    assert lib.hbDNNRelease(packed) == -6000004
    count = c.c_int32()
    m = Loaded(lib, folder / "two.bin", "second")
    m.close()
    assert lib.hbDNNGetInputCount(c.byref(count), m.handle) == -6000005
    clean_end(lib)


def from_memory(lib):
    text = (folder / "timed.bin").read_bytes()
    packed = c.c_void_p()
    data, lengths = (c.c_char_p * 1)(text), (c.c_int32 * 1)(len(text))
    ok(lib.hbDNNInitializeFromDDR(c.byref(packed), data, lengths, 1))
    assert lib.names(packed) == ["timed"]
    ok(lib.hbDNNRelease(packed))
    clean_end(lib)


def vendor_text(lib):
    """A text as the board's tool printed it, against a parser of its own."""
    text = pathlib.Path(os.environ["VENDOR_TEXT"]).read_text()
    (folder / "vendor.bin").write_text("RDK FAKEDNN MODEL 1\n" + text)
    m = model(lib, "vendor")
    assert lib.names(m.packed) == re.findall(r"^\[model name\]: (.*)$", text, re.M)
    tensors = [(m.input, "input"), *((tensor, "output") for tensor in m.outputs)]
    sections = re.split(r"^(?:input|output)\[\d+\]: $", text, flags=re.M)[1:]
    assert len(sections) == len(tensors)
    for (tensor, _), section in zip(tensors, sections):
        fields = dict(re.findall(r"^([a-zA-Z ]+): (.*)$", section, re.M))
        numbers = lambda key: [float(word) for word in fields.get(key, "").strip("()").split(",") if word]
        p = tensor.properties
        assert p.valid.list() == numbers("valid shape") and p.aligned.list() == numbers("aligned shape")
        assert p.stride[: p.valid.count] == numbers("stride") and p.bytes == int(fields["aligned byte size"])
        scales = [struct.unpack("<f", struct.pack("<f", scale))[0] for scale in numbers("scale data")]
        assert (p.scale.data[: p.scale.len] if p.scale.len else []) == scales
        types = {"HB_DNN_IMG_TYPE_NV12": 1, "HB_DNN_TENSOR_TYPE_F32": 13, "HB_DNN_TENSOR_TYPE_S32": 14}
        assert p.type == types[fields["tensor type"]]
        assert p.layout == {"NHWC": 0, "NCHW": 2}[fields["tensor layout"][-4:]]
        assert p.quanti == {"NONE": 0, "SCALE": 2}[fields["quanti type"]]
        assert p.axis == int(fields.get("quantizeAxis", 0))
    m.close()
    clean_end(lib)


def handles(lib):
    m = model(lib)
    m.write(PICTURE)
    task = m.submit()
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
    m = model(lib)
    m.write(PICTURE)
    task = m.submit()
    assert lib.hbDNNRelease(m.packed) == -6000013
    m.finish(task)
    m.close()
    clean_end(lib, "hbDNNRelease: a task of the model was not released")


def wrong_memory(lib):
    m = model(lib)
    m.write(PICTURE)
    own = Mem.from_buffer_copy(m.input.mem[0])
    m.input.mem[0].size = 6143
    assert m.infer()[0] == -6000129
    m.input.mem[0] = Mem(own.phy + 8, own.vir, own.size)
    assert m.infer()[0] == -6000129
    m.input.mem[0] = Mem(64, own.vir, own.size)
    assert m.infer()[0] == -6000129
    m.input.mem[0] = own
    boxes = Mem.from_buffer_copy(m.outputs[1].mem[0])
    m.outputs[1].mem[0] = lib.alloc(63)
    assert m.infer()[0] == -6000129
    ok(lib.hbSysFreeMem(c.byref(m.outputs[1].mem[0])))
    assert lib.hbSysFreeMem(c.byref(m.outputs[1].mem[0])) == -6000129
    assert lib.hbSysFlushMem(c.byref(m.outputs[1].mem[0]), CLEAN) == -6000129
    m.outputs[1].mem[0] = boxes
    m.close()
    clean_end(
        lib,
        "input images at .* has 6143 bytes; expected at least 6144",
        "has the virtual address of other memory",
        "is not memory of this library",
        "output boxes at .* has 63 bytes; expected at least 64",
        "hbSysFreeMem: .* was freed before",
        "hbSysFlushMem: .* was freed before",
    )


def unaligned(lib):
    m = model(lib)
    own = Mem.from_buffer_copy(m.input.mem[0])
    large = lib.alloc(6144 + 16)
    for offset in (16, 8):
        m.input.mem[0] = Mem(large.phy + offset, large.vir + offset, 6144)
        m.write(PICTURE)
        m.run()
    ok(lib.hbSysFreeMem(c.byref(large)))
    m.input.mem[0] = own
    m.close()
    clean_end(lib, "physical address that is no multiple of 16")


def changed_properties(lib):
    m = model(lib)
    m.write(PICTURE)
    m.input.properties.layout = 0
    m.run()
    m.input.properties.layout = 2
    m.outputs[0].properties.bytes = 32
    m.run()
    m.outputs[0].properties.bytes = 16
    m.input.properties.type = 4
    assert m.infer()[0] == -6000001
    m.close()
    clean_end(lib, "input images has changed", "output scores has changed", "input images has changed")


def shared_memory(lib):
    m = model(lib, "timed")
    m.write(PICTURE)
    tasks = [m.submit(), m.submit()]
    assert lib.hbSysFlushMem(c.byref(m.input.mem[0]), CLEAN) == 0
    for task in tasks:
        m.finish(task)
    m.close()
    clean_end(lib, "input images is in", "output scores is in", "output boxes is in", "CLEAN of memory")


def freed_while_running(lib):
    m = model(lib, "timed")
    m.write(PICTURE)
    task = m.submit()
    ok(lib.hbSysFreeMem(c.byref(m.outputs[0].mem[0])))
    m.finish(task)
    m.outputs[0].mem[0] = lib.alloc(16)
    m.close()
    clean_end(lib, "hbSysFreeMem: a task still uses the memory")


def too_many_tasks(lib):
    loaded = [model(lib, "timed") for _ in range(33)]
    for m in loaded:
        m.write(PICTURE)
    tasks = [m.submit() for m in loaded[:32]]
    assert loaded[32].infer()[0] == -6000009
    loaded[0].finish(tasks[0])
    loaded[32].run()
    for m, task in zip(loaded[1:], tasks[1:]):
        m.finish(task)
    for m in loaded:
        m.close()
    clean_end(lib)


MS = 1_000_000
CORE, HOST = 5_500_000, 4_900_000


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
    assert all(second - first >= CORE + HOST for first, second in zip(ends, ends[1:]))
    m.close()
    clean_end(lib)


def saturated(lib):
    """Tasks enough for the core: one every 5.5 ms, exactly."""
    slots = [model(lib, "x5") for _ in range(8)]
    for slot in slots:
        slot.write(PICTURE)
    tasks = [slot.submit() for slot in slots]
    for task in tasks:
        ok(lib.hbDNNWaitTaskDone(task, 1000))
    times = [lib.times(task) for task in tasks]
    for first, second in zip(times, times[1:]):
        assert second.core_start == max(first.core_end, second.submitted)
        assert second.done == second.core_start + CORE + HOST
    assert times[-1].core_start - times[0].core_start >= 7 * CORE
    for slot, task in zip(slots, tasks):
        ok(lib.hbDNNReleaseTask(task))
        slot.close()
    clean_end(lib)


def priorities(lib):
    """The first has the core; then the highest priority goes first, then the smallest customId."""
    slots = [model(lib, "slow") for _ in range(5)]
    for slot in slots:
        slot.write(PICTURE)
    wishes = [{}, {"custom_id": 9}, {"custom_id": 3}, {"priority": 1}, {"priority": 255, "custom_id": 7}]
    tasks = [slot.submit(**wish) for slot, wish in zip(slots, wishes)]
    for task in tasks:
        ok(lib.hbDNNWaitTaskDone(task, 5000))
    starts = [lib.times(task).core_start for task in tasks]
    order = sorted(range(5), key=starts.__getitem__)
    assert order == [0, 4, 3, 2, 1], order
    for slot, task in zip(slots, tasks):
        ok(lib.hbDNNReleaseTask(task))
        slot.close()
    clean_end(lib)


def timeout(lib):
    m = model(lib, "slow")
    m.write(PICTURE)
    task = m.submit()
    assert lib.hbDNNWaitTaskDone(task, 5) == -6000008
    assert lib.times(task).done - lib.times(task).submitted == 50 * MS
    ok(lib.hbDNNReleaseTask(task))
    # The task had the core, so that it still writes.
    assert lib.hbSysFlushMem(c.byref(m.input.mem[0]), CLEAN) == 0
    m.lib.violations()
    other = model(lib, "slow")
    other.write(PICTURE)
    other.run()
    other.close()
    m.close()
    clean_end(lib)


def cancelled(lib):
    """A task that waits for the core is gone with its release."""
    first, second = model(lib, "slow"), model(lib, "slow")
    for m in (first, second):
        m.write(PICTURE)
    running, waiting = first.submit(), second.submit()
    ok(lib.hbDNNReleaseTask(waiting))
    second.close()
    first.finish(running)
    first.close()
    clean_end(lib)


def callback(lib):
    done, seen = threading.Event(), []
    kind = c.CFUNCTYPE(None, c.c_void_p, c.c_int32, c.c_void_p)
    report = kind(lambda task, status, user: (seen.append((task, status, user)), done.set()))
    m = model(lib, "timed")
    m.write(PICTURE)
    task = m.submit()
    ok(lib.hbDNNSetTaskDoneCb(task, report, c.c_void_p(7)))
    assert done.wait(5)
    assert seen == [(task.value, 0, 7)]
    ok(lib.hbDNNReleaseTask(task))
    m.close()
    clean_end(lib)


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


def hung(lib):
    """A task that never ends; the device writes after its release."""
    m = model(lib, "hung")
    m.write(PICTURE)
    task = m.submit()
    assert lib.hbDNNWaitTaskDone(task, 10) == -6000008
    before = m.read()
    ok(lib.hbDNNReleaseTask(task))
    assert m.read() == before
    time.sleep(0.05)
    assert m.read() == [bytes(16), bytes(64)] != before
    # The second never writes, but could: its memory stays taken.
    task = m.submit()
    assert lib.hbDNNWaitTaskDone(task, 10) == -6000008
    ok(lib.hbDNNReleaseTask(task))
    m.close()
    clean_end(lib, *["a task still uses the memory"] * 3)


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


def outcome(name):
    """How a process of its own ended with a scenario (0, or less by its signal), and its stderr."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(writing, 2)
        os.close(reading)
        try:
            globals()[name](Library(sys.argv[1]))
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    os.close(writing)
    with open(reading, errors="replace") as stream:
        text = stream.read()
    _, status = os.waitpid(child, 0)
    return {"status": os.waitstatus_to_exitcode(status), "stderr": text}


folder = pathlib.Path(sys.argv[2])
record(folder / "padded.bin", RECORDED)
print(json.dumps({name: outcome(name) for name in sys.argv[3:]}))
