"""Drives a libdnn.so by ctypes, with structs declared from the ABI alone. Prints one JSON object."""

import ctypes as c
import hashlib
import json
import pathlib
import sys


class Mem(c.Structure):
    _fields_ = [("phy", c.c_uint64), ("vir", c.c_void_p), ("size", c.c_uint32)]


class Shape(c.Structure):
    _fields_ = [("dims", c.c_int32 * 8), ("count", c.c_int32)]


class Shift(c.Structure):
    _fields_ = [("len", c.c_int32), ("data", c.c_void_p)]


class Scale(c.Structure):
    _fields_ = [("len", c.c_int32), ("data", c.POINTER(c.c_float)), ("zlen", c.c_int32), ("zdata", c.c_void_p)]


class Properties(c.Structure):
    _fields_ = [
        ("valid", Shape),
        ("aligned", Shape),
        ("layout", c.c_int32),
        ("type", c.c_int32),
        ("shift", Shift),
        ("scale", Scale),
        ("quanti", c.c_int32),
        ("axis", c.c_int32),
        ("bytes", c.c_int32),
        ("stride", c.c_int32 * 8),
    ]


class Tensor(c.Structure):
    _fields_ = [("mem", Mem * 4), ("properties", Properties)]


class Times(c.Structure):
    _fields_ = [(name, c.c_int64) for name in ("submitted", "core_start", "core_end", "end")]


CLEAN, INVALIDATE = 2, 1


def ok(status):
    assert status == 0, status


lib = c.CDLL(sys.argv[1])
model_path = pathlib.Path(sys.argv[2])
lib.hbDNNGetVersion.restype = lib.hbFakeViolationText.restype = c.c_char_p
packed, model, names, count = c.c_void_p(), c.c_void_p(), c.POINTER(c.c_char_p)(), c.c_int32()
ok(lib.hbDNNInitializeFromFiles(c.byref(packed), c.byref(c.c_char_p(bytes(model_path))), 1))
ok(lib.hbDNNGetModelNameList(c.byref(names), c.byref(count), packed))
ok(lib.hbDNNGetModelHandle(c.byref(model), packed, names[0]))
ok(lib.hbDNNGetOutputCount(c.byref(count), model))
source, outputs = Tensor(), (Tensor * count.value)()
ok(lib.hbDNNGetInputTensorProperties(c.byref(source.properties), model, 0))
size = source.properties.bytes
ok(lib.hbSysAllocCachedMem(c.byref(source.mem[0]), size))
for i, tensor in enumerate(outputs):
    ok(lib.hbDNNGetOutputTensorProperties(c.byref(tensor.properties), model, i))
    ok(lib.hbSysAllocCachedMem(c.byref(tensor.mem[0]), tensor.properties.bytes))

picture = bytes(i * 7 % 251 for i in range(size))
recorded = bytes(i * 13 % 241 for i in range(sum(t.properties.bytes for t in outputs)))
folder = model_path.with_suffix(".recordings")
folder.mkdir()
(folder / (hashlib.sha256(picture).hexdigest()[:16] + ".bin")).write_bytes(recorded)


def submit():
    task = c.c_void_p()
    ok(lib.hbDNNInfer(c.byref(task), c.byref(c.pointer(outputs[0])), c.byref(source), model, bytes(32)))
    return task


def run():
    task = submit()
    ok(lib.hbDNNWaitTaskDone(task, 5000))
    ok(lib.hbDNNReleaseTask(task))
    return task


def read(invalidate=True):
    if invalidate:
        for tensor in outputs:
            ok(lib.hbSysFlushMem(c.byref(tensor.mem[0]), INVALIDATE))
    return b"".join(c.string_at(t.mem[0].vir, t.properties.bytes) for t in outputs)


def violations():
    text = lib.hbFakeViolationText().decode()
    assert lib.hbFakeViolationCount() == len(text.splitlines())
    lib.hbFakeReset()
    return text


result = {
    "version": lib.hbDNNGetVersion().decode(),
    "model": names[0].decode(),
    "valid": source.properties.valid.dims[: source.properties.valid.count],
    "outputs": [
        {
            "aligned": t.properties.aligned.dims[: t.properties.aligned.count],
            "type": t.properties.type,
            "layout": t.properties.layout,
            "bytes": t.properties.bytes,
            "stride": t.properties.stride[: t.properties.aligned.count],
            "scales": t.properties.scale.data[: t.properties.scale.len],
            "axis": t.properties.axis,
        }
        for t in outputs
    ],
    "fits": [t.mem[0].phy % 16 == 0 and t.mem[0].size == t.properties.bytes for t in outputs],
}
c.memmove(source.mem[0].vir, picture, size)
run()
result["forgottenClean"] = {"poison": set(read()) == {0x7F}, "violations": violations()}
ok(lib.hbSysFlushMem(c.byref(source.mem[0]), CLEAN))
run()
stale = read(invalidate=False)
result["forgottenInvalidate"] = {"stale": stale != recorded, "violations": violations()}
result["right"] = {"recorded": read() == recorded}
source.properties.type = 2
half = Mem(source.mem[0].phy + size * 2 // 3, source.mem[0].vir + size * 2 // 3, size // 3)
source.mem[1] = half
task = run()
result["separate"] = {"recorded": read() == recorded, "violations": violations()}
source.properties.type = 1

assert lib.hbDNNReleaseTask(task) == -6000011
result["releasedTwice"] = violations()
assert lib.hbDNNInfer(c.byref(task), c.byref(c.pointer(outputs[0])), c.byref(source), model, bytes(32)) == -6000011
result["handleNotNull"] = violations()
source.mem[0].size = size - 1
assert lib.hbDNNInfer(c.byref(c.c_void_p()), c.byref(c.pointer(outputs[0])), c.byref(source), model, bytes(32)) == -6000001
source.mem[0].size = size
result["tooSmall"] = violations()

lib.hbFakeSetFaults(b"hang@1; infer@2=-6000009; alloc@1=-6000130")
task = submit()
assert lib.hbDNNInfer(c.byref(c.c_void_p()), c.byref(c.pointer(outputs[0])), c.byref(source), model, bytes(32)) == -6000009
assert lib.hbSysAllocCachedMem(c.byref(Mem()), 64) == -6000130
assert lib.hbDNNWaitTaskDone(task, 20) == -6000008
assert lib.hbDNNRelease(packed) == -6000013
result["releasedRunning"] = violations()
ok(lib.hbSysFlushMem(c.byref(source.mem[0]), CLEAN))
result["flushedRunning"] = violations()
ok(lib.hbDNNReleaseTask(task))
foreign = Mem(source.mem[0].phy, source.mem[0].vir, size)
ok(lib.hbSysFreeMem(c.byref(source.mem[0])))
result["freedRunning"] = violations()
assert lib.hbSysFreeMem(c.byref(foreign)) == -6000129
result["freedTwice"] = violations()
print(json.dumps(result))
