"""What models say of themselves and answer. One function each; see scenarios.py."""

import ctypes as c
import os
import pathlib
import re
import struct

from abi import CLEAN, NV12, NV12_SEPARATE, Loaded, Mem, ok, record
from setting import BOXES, BOXES_LAID, OTHER, PICTURE, POISON, SCORES, SCORES_LAID, clean_end, folder, model


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


def unknown_input(lib):
    m = model(lib)
    m.write(bytes(6144))
    m.run()
    assert all(set(output) == {POISON} for output in m.read())
    m.close()
    clean_end(lib, "padded has no recording of this input; the outputs are poison")


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
    for (tensor, _), section in zip(tensors, sections, strict=True):
        fields = dict(re.findall(r"^([a-zA-Z ]+): (.*)$", section, re.M))

        def numbers(key, fields=fields):
            return [float(word) for word in fields.get(key, "").strip("()").split(",") if word]

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
