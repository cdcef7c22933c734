"""The C ABI of libdnn.so for ctypes, declared from its documentation alone, and a loaded model."""

import ctypes as c
import hashlib
import pathlib

CLEAN, INVALIDATE = 2, 1
NV12, NV12_SEPARATE = 1, 2


class Mem(c.Structure):
    _fields_ = [("phy", c.c_uint64), ("vir", c.c_void_p), ("size", c.c_uint32)]


class Shape(c.Structure):
    _fields_ = [("dims", c.c_int32 * 8), ("count", c.c_int32)]

    def list(self):
        return self.dims[: self.count]


class Shift(c.Structure):
    _fields_ = [("len", c.c_int32), ("data", c.POINTER(c.c_uint8))]


class Scale(c.Structure):
    _fields_ = [
        ("len", c.c_int32),
        ("data", c.POINTER(c.c_float)),
        ("zero_len", c.c_int32),
        ("zero_data", c.POINTER(c.c_int8)),
    ]


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


class Control(c.Structure):
    _fields_ = [
        ("bpu_core", c.c_int32),
        ("dsp_core", c.c_int32),
        ("priority", c.c_int32),
        ("more", c.c_int32),
        ("custom_id", c.c_int64),
        ("reserved", c.c_int32 * 2),
    ]


class Times(c.Structure):
    _fields_ = [(name, c.c_int64) for name in ("submitted", "core_start", "core_end", "done")]


class Held(c.Structure):
    _fields_ = [(name, c.c_int64) for name in ("memory", "tasks", "models")]


assert [c.sizeof(t) for t in (Mem, Shape, Properties, Tensor, Control)] == [24, 36, 176, 272, 32]


def ok(status):
    assert status == 0, status


class Library:
    def __init__(self, path):
        self.lib = c.CDLL(path)
        for name in ("hbDNNGetVersion", "hbFakeViolationText", "hbDNNGetErrorDesc"):
            getattr(self.lib, name).restype = c.c_char_p
        self.lib.hbFakeViolationCount.restype = c.c_int64
        self.lib.hbFakeViolationText.argtypes = [c.c_int64]
        self.seen = 0

    def __getattr__(self, name):
        return getattr(self.lib, name)

    def violations(self):
        """Texts of the violations since the last time."""
        count = self.lib.hbFakeViolationCount()
        texts = [self.lib.hbFakeViolationText(at).decode() for at in range(self.seen, count)]
        self.seen = count
        return texts

    def held(self):
        held = Held()
        ok(self.lib.hbFakeGetHeld(c.byref(held)))
        return held.memory, held.tasks, held.models

    def load(self, *paths):
        """Status and handle."""
        packed = c.c_void_p()
        files = (c.c_char_p * len(paths))(*(bytes(path) for path in paths))
        return self.lib.hbDNNInitializeFromFiles(c.byref(packed), files, len(paths)), packed

    def names(self, packed):
        names, count = c.POINTER(c.c_char_p)(), c.c_int32()
        ok(self.lib.hbDNNGetModelNameList(c.byref(names), c.byref(count), packed))
        return [name.decode() for name in names[: count.value]]

    def alloc(self, size, cached=True):
        mem = Mem()
        ok((self.lib.hbSysAllocCachedMem if cached else self.lib.hbSysAllocMem)(c.byref(mem), size))
        return mem

    def times(self, task):
        times = Times()
        ok(self.lib.hbFakeGetTaskTimes(c.byref(times), task))
        return times


class Loaded:
    """A model with the memory of one slot."""

    def __init__(self, lib, path, name=None, cached=True):
        self.lib = lib
        self.path = pathlib.Path(path)
        status, self.packed = lib.load(self.path)
        ok(status)
        self.handle, count = c.c_void_p(), c.c_int32()
        wanted = name or lib.names(self.packed)[0]
        ok(lib.hbDNNGetModelHandle(c.byref(self.handle), self.packed, wanted.encode()))
        ok(lib.hbDNNGetOutputCount(c.byref(count), self.handle))
        self.input, self.outputs = Tensor(), (Tensor * count.value)()
        ok(lib.hbDNNGetInputTensorProperties(c.byref(self.input.properties), self.handle, 0))
        self.input.mem[0] = lib.alloc(self.input.properties.bytes, cached)
        for at, tensor in enumerate(self.outputs):
            ok(lib.hbDNNGetOutputTensorProperties(c.byref(tensor.properties), self.handle, at))
            tensor.mem[0] = lib.alloc(tensor.properties.bytes, cached)

    def write(self, picture, clean=True):
        c.memmove(self.input.mem[0].vir, picture, len(picture))
        if clean:
            ok(self.lib.hbSysFlushMem(c.byref(self.input.mem[0]), CLEAN))

    def infer(self, control=None, task=None):
        """Status and task."""
        task = task or c.c_void_p()
        control = control or Control()
        first = c.pointer(self.outputs[0])
        status = self.lib.hbDNNInfer(
            c.byref(task), c.byref(first), c.byref(self.input), self.handle, c.byref(control)
        )
        return status, task

    def submit(self, **control):
        status, task = self.infer(Control(**control))
        ok(status)
        return task

    def finish(self, task, timeout_ms=5000):
        ok(self.lib.hbDNNWaitTaskDone(task, timeout_ms))
        ok(self.lib.hbDNNReleaseTask(task))

    def run(self):
        self.finish(self.submit())

    def read(self, invalidate=True):
        """The bytes of each output as the CPU sees them."""
        if invalidate:
            for tensor in self.outputs:
                ok(self.lib.hbSysFlushMem(c.byref(tensor.mem[0]), INVALIDATE))
        return [c.string_at(tensor.mem[0].vir, tensor.properties.bytes) for tensor in self.outputs]

    def free(self):
        for tensor in [self.input, *self.outputs]:
            ok(self.lib.hbSysFreeMem(c.byref(tensor.mem[0])))

    def close(self):
        self.free()
        ok(self.lib.hbDNNRelease(self.packed))


def record(model_path, frames):
    """Adds frames to the recording beside the model: {input bytes: frame bytes}."""
    folder = pathlib.Path(model_path).with_suffix(".replay") / "frames"
    for picture, frame in frames.items():
        name = hashlib.sha256(picture).hexdigest()[:16] + ".bin"
        (folder / name).write_bytes(frame)
