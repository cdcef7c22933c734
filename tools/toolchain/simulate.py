"""Runs a quantised model in the vendor's runtime, which gives the integers that the BPU gives.

Usage: python simulate.py QUANTISED.onnx INPUT OUTPUTS FORM TYPES

FORM says what the file INPUT holds: nv12, packed, or rgb, planes of float32 in 0..1. TYPES is JSON,
[[output name, type], ...] in the order in which they are written: f32, s32, s16 or s8, as the compiled model gives them. The first answer on standard output is JSON on the model; then each line on standard input asks for a run of
INPUT, and the answer is {} or {"fault": ...}. What the packages print goes to standard error.
"""

import json
import os
import sys

answers = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)

import numpy as np  # noqa: E402
import onnx  # noqa: E402
from horizon_tc_ui import HB_ONNXRuntime  # noqa: E402
from onnx import numpy_helper  # noqa: E402

INTEGERS = {"s32": np.int32, "s16": np.int16, "s8": np.int8}


def answer(content):
    answers.write(json.dumps(content) + "\n")


def scales_by_output(graph):
    """Scales of the Dequantize nodes that make graph outputs."""
    values = {one.name: one for one in graph.initializer}
    outputs = {one.name for one in graph.output}
    return {
        node.output[0]: numpy_helper.to_array(values[node.input[1]]).astype(np.float32).ravel()
        for node in graph.node
        if node.op_type.endswith("Dequantize") and node.output[0] in outputs
    }


def yuv444(path, dims):
    """The NHWC input of the runtime: every chroma sample serves its four pixels, and 128 is 0."""
    _, height, width, _ = dims
    nv12 = np.fromfile(path, np.uint8)
    luma = nv12[: height * width].reshape(height, width, 1)
    chroma = nv12[height * width :].reshape(height // 2, width // 2, 2).repeat(2, 0).repeat(2, 1)
    return (np.concatenate([luma, chroma], 2)[None].astype(np.int16) - 128).astype(np.int8)


def rgb_planes(path, dims):
    """The NCHW input of the runtime: bytes less 128."""
    levels = np.rint(np.fromfile(path, np.float32) * np.float32(255)).astype(np.int16)
    return (levels - 128).astype(np.int8).reshape(dims)


INPUTS = {"nv12": yuv444, "rgb": rgb_planes}


def integers_of(name, reals, scales, kind):
    """The integers that the last node made these reals of; refuses what is not exactly theirs."""
    integers = np.rint(reals.astype(np.float64) / scales)
    limits = np.iinfo(INTEGERS[kind])
    if integers.min() < limits.min or integers.max() > limits.max:
        raise ValueError(f"output {name} does not fit {kind}: {integers.min():.0f} to {integers.max():.0f}")
    if not np.array_equal(integers.astype(np.float32) * scales, reals):
        raise ValueError(f"output {name} has values that are no integers times its scales")
    return integers.astype(INTEGERS[kind])


def main(model_path, input_path, outputs_path, form, types):
    graph = onnx.load(model_path).graph
    scales = scales_by_output(graph)
    session = HB_ONNXRuntime(model_file=model_path)
    dims = {one.name: [dim.dim_value for dim in one.type.tensor_type.shape.dim] for one in [*graph.input, *graph.output]}
    (input_name,) = session.input_names
    none = np.empty(0)
    outputs = [
        {"name": name, "dims": dims[name], "scales": scales.get(name, none).tolist()} for name in session.output_names
    ]
    answer({"inputDims": dims[input_name], "outputs": outputs})
    for _ in sys.stdin:
        try:
            found = session.run([name for name, _ in types], {input_name: INPUTS[form](input_path, dims[input_name])})
            with open(outputs_path, "wb") as file:
                for (name, kind), reals in zip(types, found, strict=True):
                    is_real = kind == "f32"
                    tensor = reals.astype(np.float32) if is_real else integers_of(name, reals, scales[name], kind)
                    file.write(np.ascontiguousarray(tensor).tobytes())
            answer({})
        except Exception as error:  # whatever the runtime throws is told where it is waited for
            answer({"fault": f"{type(error).__name__}: {error}"})


main(*sys.argv[1:5], json.loads(sys.argv[5]))
