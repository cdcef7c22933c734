"""Small ONNX files shaped like stock segmentation exports, for test/unit/toolchain/heads.test.ts.

    pip install onnx==1.23.2 numpy==2.4.6 && python tools/oracles/stock_exports.py test/fixtures/exports

Random networks of a few channels with the decoding of such exports behind them, written from the published
definition of YOLOv8's head (DFL, boxes from distances to cell centres, sigmoid, coefficients, prototype). The
files differ in what real exports differ in: names, opset, where weights lie, how boxes and classes are joined,
how the DFL is written, depthwise class branches, where anchors come from, the order of the axes, the levels,
half floats.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


@dataclass(frozen=True)
class Form:
    width: int
    height: int
    classes: int
    coefs: int = 32
    bins: int = 16
    opset: int = 11
    joined: bool = True  # boxes and classes share one concatenation, split after it
    depthwise: bool = False  # class branch of YOLO11
    unfused: bool = False  # head bias as an Add of its own
    dfl: str = "conv"  # conv, sum or matmul; none: distances without distributions, as in YOLO26
    constants: bool = False  # weights in Constant nodes
    anchors: str = "stored"  # stored, or from the shapes of the feature maps
    rows_first: bool = False  # [1, A, features] instead of [1, features, A]
    named: bool = True  # names as Ultralytics gives them; else numbers
    steps: tuple[int, ...] = (8, 16, 32)
    level_order: tuple[int, ...] | None = None  # the finest first
    proto_nhwc: bool = False
    upsampled: bool = False  # the middle level enlarged and added to the finest, as a feature pyramid does
    attention: bool = False  # on the coarsest level, with sizes and axes as exports write them unsimplified
    floats: str = "whole"  # half: weights and values; rounded: weights of half floats as 32-bit floats
    seed: int | None = None
    results: int = 0  # rows of finished results of the one-to-one heads, as an end-to-end export of YOLO26 has them
    task: str | None = "segment"

    @property
    def order(self) -> tuple[int, ...]:
        return self.level_order or tuple(range(len(self.steps)))


class Builder:
    def __init__(self, form: Form, seed: int) -> None:
        self.form = form
        self.random = np.random.default_rng(seed)
        self.nodes: list[onnx.NodeProto] = []
        self.stored: list[onnx.TensorProto] = []
        self.count = 0

    def fresh(self, wanted: str) -> str:
        self.count += 1
        return f"/{wanted}_{self.count}" if self.form.named else f"{self.count:03d}"

    def const(self, values: np.ndarray, wanted: str = "const") -> str:
        if self.form.floats != "whole" and values.dtype == np.float32:
            values = values.astype(np.float16)
            if self.form.floats == "rounded":
                values = values.astype(np.float32)
        name = self.fresh(wanted)
        tensor = numpy_helper.from_array(values, name)
        if self.form.constants:
            self.nodes.append(helper.make_node("Constant", [], [name], name=f"{name}_node", value=tensor))
        else:
            self.stored.append(tensor)
        return name

    def ints(self, *values: int) -> str:
        return self.const(np.array(values, np.int64), "ints")

    def floats(self, *values: float) -> str:
        return self.const(np.array(values, np.float32), "floats")

    def op(
        self, kind: str, inputs: list[str], wanted: str | None = None, count: int = 1, **attributes
    ) -> str | list[str]:
        base = self.fresh(wanted or kind)
        outputs = [base if count == 1 else f"{base}_{at}" for at in range(count)]
        self.nodes.append(helper.make_node(kind, inputs, outputs, name=f"{base}/{kind}", **attributes))
        return outputs[0] if count == 1 else outputs

    def conv(
        self,
        x: str,
        inside: int,
        outside: int,
        wanted: str,
        kernel: int = 1,
        step: int = 1,
        groups: int = 1,
        gain: float = 1.0,
        bias: float = 0.0,
        unfused: bool = False,
    ) -> str:
        fan = inside // groups * kernel * kernel
        weight = self.random.normal(0, gain / np.sqrt(fan), (outside, inside // groups, kernel, kernel))
        inputs = [x, self.const(weight.astype(np.float32), f"{wanted}.weight")]
        shift = self.random.normal(bias, 0.5, outside).astype(np.float32)
        if not unfused:
            inputs.append(self.const(shift, f"{wanted}.bias"))
        pad = [(kernel - 1) // 2] * 2 + [kernel // 2 if step == 1 else 0] * 2
        y = self.op(
            "Conv", inputs, wanted, kernel_shape=[kernel] * 2, strides=[step] * 2, pads=pad, group=groups
        )
        return self.op("Add", [y, self.const(shift.reshape(1, -1, 1, 1))]) if unfused else y

    def silu(self, x: str) -> str:
        return self.op("Mul", [x, self.op("Sigmoid", [x])])

    def split(self, x: str, sizes: list[int], axis: int) -> list[str]:
        if self.form.opset >= 13:
            return self.op("Split", [x, self.ints(*sizes)], count=len(sizes), axis=axis)
        return self.op("Split", [x], count=len(sizes), axis=axis, split=sizes)

    def unsqueeze(self, x: str, axis: int) -> str:
        if self.form.opset >= 13:
            return self.op("Unsqueeze", [x, self.ints(axis)])
        return self.op("Unsqueeze", [x], axes=[axis])

    def sum(self, x: str, axis: int) -> str:
        if self.form.opset >= 13:
            return self.op("ReduceSum", [x, self.ints(axis)], keepdims=0)
        return self.op("ReduceSum", [x], axes=[axis], keepdims=0)

    def features(self) -> tuple[list[str], str]:
        """Feature maps of 4 channels at the levels and at half the finest level's step."""
        finer = self.form.steps[0] // 2
        quarter = self.silu(self.conv("images", 3, 4, "stem", kernel=finer, step=finer))
        maps = [self.silu(self.conv(quarter, 4, 4, "down", kernel=2, step=2))]
        for _ in self.form.steps[1:]:
            halves = self.split(maps[-1], [2, 2], 1)
            both = self.op("Concat", [halves[1], halves[0]], axis=1)
            maps.append(self.silu(self.conv(both, 4, 4, "down", kernel=2, step=2)))
        if self.form.attention:
            maps[-1] = self.attended(maps[-1])
        if self.form.upsampled:
            maps[0] = self.op("Add", [maps[0], self.doubled(maps[1])])
        return maps, quarter

    def attended(self, x: str) -> str:
        """Every cell a mean of all cells, by how alike they are, and the sum of its channels."""
        size = self.op("Shape", [x])
        cells = self.op("Reshape", [x, self.ints(1, 4, -1)])
        alike = self.op("MatMul", [self.op("Transpose", [cells], perm=[0, 2, 1]), cells])
        weights = self.op("Softmax", [alike], axis=-1)
        mean = self.op("MatMul", [cells, self.op("Transpose", [weights], perm=[0, 2, 1])])
        total = self.op("Unsqueeze", [self.sum(x, 1), self.ints(1)])
        return self.op("Add", [self.op("Reshape", [mean, size]), total])

    def halved(self, outputs: list[str]) -> None:
        """Casts at the ends of the graph, behind all other nodes, as exporters append them."""
        for node in self.nodes:
            node.input[:] = [f"{name}_half" if name == "images" else name for name in node.input]
            node.output[:] = [f"{name}_half" if name in outputs else name for name in node.output]
        self.nodes.append(helper.make_node("Cast", ["images"], ["images_half"], to=TensorProto.FLOAT16))
        for name in outputs:
            self.nodes.append(helper.make_node("Cast", [f"{name}_half"], [name], to=TensorProto.FLOAT))

    def doubled(self, x: str) -> str:
        """Each pixel twice in both directions, written out as torch's exporters do."""
        written = {"mode": "nearest", "nearest_mode": "floor", "coordinate_transformation_mode": "asymmetric"}
        if self.form.opset >= 18:
            written |= {"antialias": 0, "keep_aspect_ratio_policy": "stretch"}
        region = "" if self.form.opset >= 13 else self.floats()
        return self.op("Resize", [x, region, self.floats(1, 1, 2, 2)], **written)

    def heads(self, x: str, level: int) -> tuple[str, str, str]:
        form = self.form
        unfused = form.unfused

        def branch(number: int) -> str:
            return f"model.22/{'one2one_' if form.results else ''}cv{number}.{level}"

        box = self.conv(
            self.silu(self.conv(x, 4, 4, branch(2))),
            4,
            4 * form.bins,
            f"{branch(2)}.2",
            gain=2,
            # Distances around 0 would give boxes without an area.
            bias=2 if form.dfl == "none" else 0,
            unfused=unfused,
        )
        y = self.conv(x, 4, 4, f"{branch(3)}.0", kernel=3, groups=4) if form.depthwise else x
        y = self.silu(self.conv(y, 4, 4, branch(3)))
        # Hardly any cell shows an object on grey, as in a trained model.
        cls = self.conv(y, 4, form.classes, f"{branch(3)}.2", gain=3, bias=-3, unfused=unfused)
        coef = self.conv(
            self.silu(self.conv(x, 4, 4, branch(4))), 4, form.coefs, f"{branch(4)}.2", unfused=unfused
        )
        return box, cls, coef

    def flat(self, x: str, channels: int) -> str:
        return self.op("Reshape", [x, self.ints(1, channels, -1)])

    def grid(self, maps: list[str]) -> tuple[str, str]:
        """Cell centres [1, 2, A] in cells and model pixels per cell [1, 1, A]."""
        form = self.form
        if form.anchors == "stored":
            points, steps = [], []
            for level in form.order:
                step = form.steps[level]
                y, x = np.mgrid[: form.height // step, : form.width // step]
                points.append(np.stack([x.ravel() + 0.5, y.ravel() + 0.5]))
                steps.append(np.full(points[-1].shape[1], step))
            return (
                self.const(np.concatenate(points, 1)[None].astype(np.float32), "anchors"),
                self.const(np.concatenate(steps)[None, None].astype(np.float32), "strides"),
            )
        points, steps = [], []
        for level in form.order:
            shape = self.op("Shape", [maps[level]])
            size = [self.op("Gather", [shape, self.const(np.array(axis, np.int64))]) for axis in (2, 3)]
            zero, one = self.const(np.array(0, np.int64)), self.const(np.array(1, np.int64))
            lines = [
                self.op("Cast", [self.op("Range", [zero, end, one])], to=TensorProto.FLOAT) for end in size
            ]
            centres = [self.op("Add", [line, self.floats(0.5)]) for line in lines]
            if form.opset >= 15:
                both = self.op("Shape", [maps[level]], start=2, end=4)
            else:
                both = self.op("Slice", [shape, self.ints(2), self.ints(4)])
            y = self.op("Expand", [self.unsqueeze(centres[0], 1), both])
            x = self.op("Expand", [centres[1], both])
            row = [self.op("Reshape", [axis, self.ints(1, 1, -1)]) for axis in (x, y)]
            points.append(self.op("Concat", row, axis=1))
            like = self.op("Mul", [row[0], self.floats(0)])
            steps.append(self.op("Add", [like, self.floats(form.steps[level])]))
        return self.op("Concat", points, axis=2), self.op("Concat", steps, axis=2)

    def distances(self, boxes: str) -> str:
        """[1, 4 * bins, A] logits to [1, 4, A] distances in cells."""
        bins = self.form.bins
        if self.form.dfl == "none":
            return boxes
        weight = np.arange(bins, dtype=np.float32)
        x = self.op("Reshape", [boxes, self.ints(1, 4, bins, -1)])
        if self.form.dfl == "sum":
            # Softmax-11 flattens all dimensions from its axis on, so the bins have to be last.
            y = self.op("Softmax", [self.op("Transpose", [x], perm=[0, 3, 1, 2])], axis=3)
            y = self.sum(self.op("Mul", [y, self.const(weight)]), 3)
            return self.op("Transpose", [y], perm=[0, 2, 1])
        if self.form.dfl == "matmul":
            y = self.op("Softmax", [self.op("Transpose", [x], perm=[0, 1, 3, 2])], axis=3)
            return self.op(
                "Reshape", [self.op("MatMul", [y, self.const(weight.reshape(bins, 1))]), self.ints(1, 4, -1)]
            )
        y = self.op("Softmax", [self.op("Transpose", [x], perm=[0, 3, 1, 2])], axis=3)
        y = self.op("Transpose", [y], perm=[0, 3, 2, 1])
        y = self.op("Conv", [y, self.const(weight.reshape(1, bins, 1, 1))], "dfl", kernel_shape=[1, 1])
        return self.op("Reshape", [y, self.ints(1, 4, -1)])

    def decoded_boxes(self, boxes: str, maps: list[str]) -> str:
        anchors, steps = self.grid(maps)
        low, high = self.split(self.distances(boxes), [2, 2], 1)
        begin = self.op("Sub", [anchors, low])
        end = self.op("Add", [anchors, high])
        if self.form.results:
            return self.op("Mul", [self.op("Concat", [begin, end], axis=1), steps])
        centre = self.op("Div", [self.op("Add", [begin, end]), self.floats(2)])
        whole = self.op("Concat", [centre, self.op("Sub", [end, begin])], axis=1)
        return self.op("Mul", [whole, steps])

    def best(self, rows: str) -> str:
        """[1, features, A] to the best rows: corners, score, class, coefficients."""
        form = self.form
        cells_first = self.op("Transpose", [rows], perm=[0, 2, 1])
        boxes, scores, coefs = self.split(cells_first, [4, form.classes, form.coefs], 2)
        score = self.op("ReduceMax", [scores], axes=[2], keepdims=1)
        label = self.op("Cast", [self.op("ArgMax", [scores], axis=2, keepdims=1)], to=TensorProto.FLOAT)
        every = self.op("Concat", [boxes, score, label, coefs], axis=2)
        _, order = self.op("TopK", [self.op("Reshape", [score, self.ints(-1)]), self.ints(form.results)], count=2, axis=0)
        return self.op("Gather", [every, order], axis=1)

    def build(self, kind: str = "segment") -> onnx.ModelProto:
        form = self.form
        maps, quarter = self.features()
        heads = [self.heads(x, level) for level, x in enumerate(maps)]
        ordered = [heads[level] for level in form.order]
        channels = (4 * form.bins, form.classes, form.coefs)
        if form.joined:
            joined = [
                self.flat(self.op("Concat", [box, cls], axis=1), sum(channels[:2])) for box, cls, _ in ordered
            ]
            boxes, scores = self.split(self.op("Concat", joined, axis=2), list(channels[:2]), 1)
            scores = self.op("Sigmoid", [scores])
        else:
            boxes = self.op("Concat", [self.flat(box, channels[0]) for box, _, _ in ordered], axis=2)
            scores = self.op(
                "Concat", [self.flat(self.op("Sigmoid", [cls]), channels[1]) for _, cls, _ in ordered], axis=2
            )
        parts = [self.decoded_boxes(boxes, maps), scores]
        if kind == "segment":
            parts.append(self.op("Concat", [self.flat(coef, channels[2]) for _, _, coef in ordered], axis=2))
        rows = self.op("Concat", parts, axis=1)
        if form.rows_first:
            rows = self.op("Transpose", [rows], perm=[0, 2, 1])
        if form.results:
            rows = self.best(rows)
        self.nodes.append(helper.make_node("Identity", [rows], ["output0"], name="rows"))
        cells = sum((form.width // step) * (form.height // step) for step in form.steps)
        features = 4 + form.classes + (form.coefs if kind == "segment" else 0)
        shape = [1, cells, features] if form.rows_first else [1, features, cells]
        if form.results:
            shape = [1, form.results, 6 + form.coefs]
        outputs = [helper.make_tensor_value_info("output0", TensorProto.FLOAT, shape)]
        if kind == "segment":
            proto = self.silu(self.conv(quarter, 4, form.coefs, "model.22/proto"))
            finer = form.steps[0] // 2
            dims = [1, form.coefs, form.height // finer, form.width // finer]
            if form.proto_nhwc:
                proto = self.op("Transpose", [proto], perm=[0, 2, 3, 1])
                dims = [1, dims[2], dims[3], dims[1]]
            self.nodes.append(helper.make_node("Identity", [proto], ["output1"], name="prototypes"))
            outputs.append(helper.make_tensor_value_info("output1", TensorProto.FLOAT, dims))
        if form.floats == "half":
            self.halved([value.name for value in outputs])
        return self.model(outputs)

    def model(self, outputs: list[onnx.ValueInfoProto]) -> onnx.ModelProto:
        form = self.form
        image = helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, form.height, form.width])
        graph = helper.make_graph(self.nodes, "stock", [image], outputs, self.stored)
        made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", form.opset)], ir_version=8)
        made.producer_name = "stock_exports.py"
        metadata = {"names": str({at: f"thing {at}" for at in range(form.classes)}), "stride": "32"}
        if form.task is not None:
            metadata["task"] = form.task
        helper.set_model_props(made, metadata)
        # Its nodes are not in order, as those of real ones are not.
        if form.floats != "half":
            onnx.checker.check_model(made, full_check=True)
        return made


FORMS = {
    "v8-3-classes-160x96": Form(160, 96, 3),
    "v8-80-classes-64x64-opset17": Form(64, 64, 80, opset=17, anchors="shapes"),
    "v8-2-classes-96x160-opset12": Form(96, 160, 2, opset=12, dfl="matmul"),
    "v11-1-class-128x64-numbered": Form(
        128, 64, 1, depthwise=True, joined=False, constants=True, named=False, dfl="sum"
    ),
    "v9-64-classes-64x96-rows-first": Form(64, 96, 64, unfused=True, rows_first=True, dfl="sum"),
    "32-classes-32-coefficients": Form(64, 64, 32, joined=False, named=False),
    "8-bins-16-coefficients-shape-anchors": Form(
        96, 64, 5, coefs=16, bins=8, anchors="shapes", proto_nhwc=True
    ),
    "no-distributions": Form(64, 64, 1, coefs=2, bins=1, dfl="none", joined=False),
    "levels-coarse-first": Form(64, 64, 3, coefs=4, bins=4, level_order=(2, 1, 0), named=False),
    "v8-4-classes-96x64-opset19": Form(96, 64, 4, opset=19, anchors="shapes", upsampled=True),
    "p6-2-classes-128x64": Form(128, 64, 2, coefs=4, bins=4, steps=(8, 16, 32, 64)),
    "p2-2-classes-64x32-opset17": Form(64, 32, 2, coefs=4, bins=4, opset=17, steps=(4, 8, 16, 32), joined=False),
    "attention-3-classes-64x96-opset18": Form(64, 96, 3, coefs=4, bins=4, opset=18, attention=True),
    "half-2-classes-64x64-opset17": Form(64, 64, 2, coefs=4, bins=4, opset=17, floats="half", seed=60),
    "half-rounded": Form(64, 64, 2, coefs=4, bins=4, opset=17, floats="rounded", seed=60),
    "v26-3-classes-64x96-end-to-end": Form(64, 96, 3, bins=1, dfl="none", results=40),
}


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for seed, (name, form) in enumerate(FORMS.items()):
        onnx.save(Builder(form, form.seed or seed).build(), folder / f"{name}.onnx")
    onnx.save(Builder(Form(64, 64, 4, bins=4, task=None), 50).build("detect"), folder / "detection.onnx")


if __name__ == "__main__":
    main()
