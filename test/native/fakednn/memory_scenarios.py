"""What may be done with memory, and when. One function each; see scenarios.py."""

import ctypes as c

from abi import CLEAN, Loaded, Mem, ok
from setting import BOXES_LAID, OTHER, PICTURE, POISON, SCORES_LAID, clean_end, folder, model, submitted


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
    m, task = submitted(lib, "timed")
    ok(lib.hbSysFreeMem(c.byref(m.outputs[0].mem[0])))
    m.finish(task)
    m.outputs[0].mem[0] = lib.alloc(16)
    m.close()
    clean_end(lib, "hbSysFreeMem: a task still uses the memory")
