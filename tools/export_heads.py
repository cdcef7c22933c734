"""ONNX export with raw heads straight from a .pt file: what `rdk-yolo-seg model heads` makes of a stock export.

    pip install ultralytics onnx && python tools/export_heads.py yolov8n-seg.pt -o yolov8n-seg-heads.onnx

Segment.forward is replaced in this process while the export runs; the installed package is not edited. Before
that the head is run on made-up features: only if its own outputs are what the nine convolutions and the
prototype decode to is the replacement known to be right. Any other Segment.forward is refused.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

# Read while the package loads: what an export lacks is an error here, not something to install unasked.
os.environ.setdefault("YOLO_AUTOINSTALL", "false")

import numpy as np
import onnx
import torch
import ultralytics
from ultralytics import YOLO
from ultralytics.nn.modules.head import Segment

STEPS = (8, 16, 32)
TOLERANCE = 1e-3
ROLES = {"seed": ("coef", "box", "cls"), "zoo": ("cls", "box", "coef")}


class Refusal(Exception):
    """The model, a path or the installed package is not what this script knows."""


@contextmanager
def refusing(what: str):
    """Turns errors of the package and of torch, which have many kinds, into a Refusal of one line."""
    try:
        yield
    except Exception as error:
        reason = next(iter(str(error).splitlines()), "")
        raise Refusal(f"{what}: {type(error).__name__}: {reason}") from error


def check_paths(weights: Path, output: Path) -> None:
    """Raises Refusal for what would fail, or destroy the weights, only after the export has run."""
    if not weights.exists():
        raise Refusal(f"{weights} does not exist")
    if not weights.is_file() or weights.suffix != ".pt":
        raise Refusal(f"{weights} is no .pt file; an ONNX export is cut by rdk-yolo-seg model heads")
    if not output.parent.is_dir():
        raise Refusal(f"the folder of {output} does not exist")
    if output.is_dir():
        raise Refusal(f"{output} is a folder; expected the ONNX file to write")
    if output.exists() and output.samefile(weights):
        raise Refusal(f"{output} is the input itself; expected another file")


def output_names(order: str) -> list[str]:
    if order == "seed":
        names = [f"{role}{step}" for role in ROLES[order] for step in STEPS]
    else:
        names = [f"{role}{step}" for step in STEPS for role in ROLES[order]]
    return [*names, "proto"]


def raw_heads(head, x) -> dict:
    """The ten tensors [1, H, W, C] by name."""
    branches = {"box": head.cv2, "cls": head.cv3, "coef": head.cv4}
    tensors = {
        f"{role}{step}": branch[level](x[level])
        for role, branch in branches.items()
        for level, step in enumerate(STEPS)
    }
    tensors["proto"] = head.proto(x[0])
    return {name: tensor.permute(0, 2, 3, 1).contiguous() for name, tensor in tensors.items()}


def decode(heads: dict[str, np.ndarray], bins: int) -> np.ndarray:
    """[A, 4 + classes + coefficients] rows as a stock export has them, from the raw heads."""
    rows = []
    for step in STEPS:
        box, cls, coef = (heads[f"{role}{step}"][0].astype(np.float64) for role in ("box", "cls", "coef"))
        height, width = box.shape[:2]
        logits = box.reshape(height, width, 4, bins)
        weights = np.exp(logits - logits.max(3, keepdims=True))
        left, top, right, bottom = np.moveaxis(
            (weights / weights.sum(3, keepdims=True)) @ np.arange(bins), 2, 0
        )
        y, x = np.mgrid[:height, :width] + 0.5
        sides = (x + (right - left) / 2, y + (bottom - top) / 2, left + right, top + bottom)
        boxes = np.stack(sides, 2) * step
        rows.append(np.concatenate([boxes, 1 / (1 + np.exp(-cls)), coef], 2).reshape(height * width, -1))
    return np.concatenate(rows)


def check_head(head) -> None:
    """Raises Refusal unless the head is a Segment whose own forward decodes as this script expects."""
    if type(head) is not Segment:
        raise Refusal(f"the model ends in {type(head).__module__}.{type(head).__name__}; expected Segment")
    missing = [
        name
        for name in ("cv2", "cv3", "cv4", "proto", "nl", "nc", "nm", "reg_max", "stride")
        if not hasattr(head, name)
    ]
    if missing:
        raise Refusal(f"Segment lacks {', '.join(missing)}")
    steps = tuple(int(step) for step in head.stride)
    if steps != STEPS:
        raise Refusal(f"the levels are {steps} pixels per cell; expected {STEPS}")
    if head.reg_max < 2:
        raise Refusal(
            f"reg_max is {head.reg_max}: a head without DFL, as YOLO26 has it, is not for this script"
        )
    if getattr(head, "end2end", False):
        raise Refusal("the head is end to end (NMS inside the model); expected the one-to-many head")
    random = np.random.default_rng(0)
    features = [
        torch.from_numpy(
            random.normal(0, 1, (1, branch[0].conv.in_channels, 64 // step, 96 // step)).astype(np.float32)
        )
        for step, branch in zip(STEPS, head.cv2, strict=True)
    ]
    before = {name: head.__dict__[name] for name in ("export", "format") if name in head.__dict__}
    was_training = head.training
    head.eval()
    head.export, head.format = True, "onnx"
    try:
        with torch.no_grad(), refusing("Segment.forward fails on feature maps"):
            outputs = head(list(features))
            heads = {name: tensor.numpy() for name, tensor in raw_heads(head, list(features)).items()}
    finally:
        for name in ("export", "format"):
            head.__dict__.pop(name, None)
        head.__dict__.update(before)
        head.train(was_training)
    compare(outputs, heads, head)


def compare(outputs, heads: dict[str, np.ndarray], head) -> None:
    rows = decode(heads, head.reg_max)
    expected = [
        ("rows", (1, *rows.T.shape), rows.T[None]),
        ("prototype", (1, *np.moveaxis(heads["proto"][0], 2, 0).shape), np.moveaxis(heads["proto"], 3, 1)),
    ]
    if not isinstance(outputs, (tuple, list)) or len(outputs) != 2:
        raise Refusal(
            f"Segment.forward returns {type(outputs).__name__} in export mode; expected rows and prototype"
        )
    for found, (name, shape, values) in zip(outputs, expected, strict=True):
        if not hasattr(found, "shape") or tuple(found.shape) != shape:
            raise Refusal(
                f"Segment.forward: {name} {getattr(found, 'shape', type(found).__name__)}; expected {shape}"
            )
        gap = float(np.abs(found.numpy() - values).max())
        if not gap <= TOLERANCE:
            raise Refusal(
                f"Segment.forward decodes otherwise than known: {name} differ by {gap:.3g}; expected at most {TOLERANCE}"
            )


@contextmanager
def patched_forward(order: str):
    """Segment.forward returns the ten tensors inside this block."""
    original = Segment.forward
    names = output_names(order)

    def forward(self, x):
        tensors = raw_heads(self, x)
        return tuple(tensors[name] for name in names)

    Segment.forward = forward
    try:
        yield
    finally:
        Segment.forward = original


def rename_outputs(path: Path, names: list[str], target: Path) -> None:
    """Gives the outputs their names and moves the file to its place in one step."""
    model = onnx.load(path)
    found = [output.name for output in model.graph.output]
    if len(found) != len(names):
        raise Refusal(f"the export has {len(found)} outputs ({', '.join(found)}); expected {len(names)}")
    new = dict(zip(found, names, strict=True))
    for node in model.graph.node:
        node.output[:] = [new.get(name, name) for name in node.output]
        node.input[:] = [new.get(name, name) for name in node.input]
    for output in model.graph.output:
        output.name = new[output.name]
    onnx.checker.check_model(model)
    unfinished = target.with_name(f".{target.name}.unfinished-{os.getpid()}")
    try:
        onnx.save(model, unfinished)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    for output in model.graph.output:
        print(f"  {output.name} {[size.dim_value for size in output.type.tensor_type.shape.dim]}")


def image_size(text: str) -> list[int]:
    """WxH, as `rdk-yolo-seg model calib` takes it, to Ultralytics' height and width."""
    sides = re.fullmatch(r"(\d{2,4})x(\d{2,4})", text, re.ASCII)
    width, height = map(int, sides.groups()) if sides else (0, 0)
    if any(side < 32 or side > 8192 or side % 32 for side in (width, height)):
        raise argparse.ArgumentTypeError(f"{text}: expected WIDTHxHEIGHT in multiples of 32, up to 8192")
    return [height, width]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("weights", type=Path, help="trained segmentation model, .pt")
    parser.add_argument("-o", "--output", type=Path, required=True, help="ONNX file to write")
    parser.add_argument("--order", choices=sorted(ROLES), default="seed")
    parser.add_argument("--size", type=image_size, default=[640, 640], metavar="WxH")
    parser.add_argument("--opset", type=int, choices=(10, 11), default=11, help="what hb_mapper reads")
    options = parser.parse_args()
    print(f"ultralytics {ultralytics.__version__} from {Path(ultralytics.__file__).parent}")
    try:
        check_paths(options.weights, options.output)
        # The export lands beside the weights, where a stock export may lie under the same name.
        with tempfile.TemporaryDirectory() as folder:
            copy = shutil.copy(options.weights, folder)
            with refusing(f"{options.weights} does not load"):
                model = YOLO(copy)
                head = model.model.model[-1]
            check_head(head)
            with patched_forward(options.order), refusing("the export fails"):
                path = model.export(format="onnx", opset=options.opset, imgsz=options.size, simplify=False)
            rename_outputs(Path(path), output_names(options.order), options.output)
    except (Refusal, OSError) as error:
        print(f"export_heads: {error}", file=sys.stderr)
        return 2
    print(f"{options.output}: next, rdk-yolo-seg model calib and rdk-yolo-seg model ptq")
    return 0


if __name__ == "__main__":
    sys.exit(main())
