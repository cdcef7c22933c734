"""Tiny ONNX files for test/contract/badModels.test.ts: one that opens, the others each with one fault.

    pip install onnx==1.23.2 && python tools/oracles/tiny_models.py test/fixtures/models

A convolution, whose mean over the picture is spread over the shape of every output: a file has a few hundred bytes.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import onnx
from onnx import TensorProto, helper

SIZE = 32
CELLS = 21  # 32x32 at strides 8, 16, 32: 16 + 4 + 1
CLASSES, COEFS = 2, 4
SEG = [("output0", [1, 4 + CLASSES + COEFS, CELLS]), ("output1", [1, COEFS, SIZE // 4, SIZE // 4])]
NAMES = "{0: 'ball', 1: 'crate'}"


def model(
    outputs: list[tuple[str, list[int]]],
    metadata: dict[str, str],
    input_shape: Sequence[int | str] = (1, 3, SIZE, SIZE),
    input_type: int = TensorProto.FLOAT,
    output_type: int = TensorProto.FLOAT,
    extra_input: bool = False,
) -> onnx.ModelProto:
    rank = len(input_shape)
    inputs = [helper.make_tensor_value_info("images", input_type, input_shape)]
    if extra_input:
        inputs.append(helper.make_tensor_value_info("size", TensorProto.FLOAT, [1]))
    fan = int(input_shape[1]) * 4
    weights = helper.make_tensor("weights", TensorProto.FLOAT, [1, fan // 4, 2, 2], [1 / fan] * fan)
    nodes = [
        helper.make_node("Cast", ["images"], ["real"], to=TensorProto.FLOAT),
        helper.make_node("Conv", ["real", "weights"], ["quarter"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("ReduceMean", ["quarter"], ["mean"], axes=list(range(rank)), keepdims=0),
    ]
    if extra_input:
        nodes.append(helper.make_node("Mul", ["mean", "size"], ["scaled"]))
    source = "scaled" if extra_input else "mean"
    infos, stored = [], [weights]
    for name, shape in outputs:
        stored.append(helper.make_tensor(f"{name}_shape", TensorProto.INT64, [len(shape)], shape))
        nodes.append(helper.make_node("Expand", [source, f"{name}_shape"], [f"{name}_real"]))
        nodes.append(helper.make_node("Cast", [f"{name}_real"], [name], to=output_type))
        infos.append(helper.make_tensor_value_info(name, output_type, shape))
    graph = helper.make_graph(nodes, "tiny", inputs, infos, stored)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    helper.set_model_props(made, metadata)
    onnx.checker.check_model(made)
    return made


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    segment = {"task": "segment", "names": NAMES}
    files = {
        "good": model(SEG, segment),
        "no-metadata": model(SEG, {}),
        "task-detect": model([("output0", [1, 84, CELLS])], {"task": "detect"}),
        "detect-unlabelled": model([("output0", [1, 84, CELLS])], {}),
        "pose-unlabelled": model([("output0", [1, 56, CELLS])], {}),
        "input-dynamic": model(SEG, segment, input_shape=[1, 3, "height", "width"]),
        "input-uint8": model(SEG, segment, input_type=TensorProto.UINT8),
        "input-nhwc": model(SEG, segment, input_shape=[1, SIZE, SIZE, 3]),
        "input-two": model(SEG, segment, extra_input=True),
        "output-float16": model(SEG, segment, output_type=TensorProto.FLOAT16),
        "names-broken": model(SEG, {"task": "segment", "names": "{0: 'ball', 1: "}),
        "names-too-many": model(SEG, {"task": "segment", "names": "{0: 'a', 1: 'b', 2: 'c'}"}),
    }
    for name, made in files.items():
        onnx.save(made, folder / f"{name}.onnx")


if __name__ == "__main__":
    main()
