"""Golden fixtures: inputs, ten outputs (float and BPU-like) and expected results.

    python golden.py --out golden

golden/<size>/<name>/
    source.png             the camera picture, RGB
    input.npy              uint8 [S, S, 3], letterboxed RGB (grey 114 padding)
    output0..9.npy         float32, the ONNX outputs, NHWC
    quant/output0..5.npy   int32 coefficients and boxes (value = int * scale[channel])
    quant/scale0..5.npy    float32 [channels]
    quant/output6..8.npy   float32 class logits, as the BPU file gives them
    quant/output9.npy      int16 proto, quant/scale9.npy float32 [1]
    expected.json          the numpy reference result of the float outputs
    expected_quant.json    the same of the dequantised twin
    candidates.json        candidate cells before NMS (decoder unit tests)

The int32 scales are activation step times weight step of each last convolution,
which is how an int8 convolution accumulates, so their size and spread are
realistic; the integers themselves are the rounded float outputs.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import cv2
import numpy as np
import reference as ref
import torch
from coco_file import compressed_rle
from export import load
from locations import CHECKPOINT, MODELS
from model import SegNet
from painters import CLASSES
from scenes import Instance, overlay, scene

CONF, IOU = 0.25, 0.7
# name, seed, width, height; at 640 input each has detections at all three strides
PICTURES = (("wide", 1_100_059, 640, 360), ("hd", 1_100_072, 1280, 720), ("portrait", 1_100_063, 480, 640))


def accumulator_scales(net: SegNet, inputs: list[np.ndarray]) -> list[np.ndarray]:
    """Per-channel steps of the six last convolutions: three coefficients, three boxes."""
    modules = dict(net.named_modules())
    peaks: dict[torch.nn.Module, float] = {}
    layers = [modules[f"model.22.{branch}.{i}.2"] for branch in ("cv4", "cv2") for i in range(3)]

    def note(module: torch.nn.Module, args: tuple[torch.Tensor, ...], _out: torch.Tensor) -> None:
        peaks[module] = max(peaks.get(module, 0.0), float(args[0].abs().max()))

    handles = [layer.register_forward_hook(note) for layer in layers]
    with torch.no_grad():
        for boxed in inputs:
            net(torch.from_numpy(ref.to_tensor(boxed)))
    for handle in handles:
        handle.remove()
    scales = []
    for layer in layers:
        assert isinstance(layer, torch.nn.Conv2d)
        weight_step = layer.weight.detach().abs().amax((1, 2, 3)).numpy() / 127.0
        scales.append((np.maximum(weight_step, 1e-6) * (peaks[layer] / 127.0)).astype(np.float32))
    return scales


def rle(mask: np.ndarray) -> dict[str, object]:
    """COCO run lengths of a mask, column-major, as plain counts and in COCO's compressed spelling."""
    flat = mask.flatten(order="F")
    edges = np.flatnonzero(np.diff(flat)) + 1
    runs = np.diff(np.concatenate([[0], edges, [flat.size]])).tolist()
    counts = [0, *runs] if flat[0] else runs
    return {"size": list(mask.shape), "counts": counts, "compressed": compressed_rle(mask)["counts"]}


def as_json(found: list[ref.Detection], frame: ref.Frame, model: str) -> dict[str, object]:
    """A reference result as the fixture files hold it."""
    items = [
        {
            "class": d.cls,
            "name": CLASSES[d.cls],
            "score": d.score,
            "box": list(d.box),
            "area": int(d.mask.sum()),
            "mask": rle(d.mask),
        }
        for d in found
    ]
    return {
        "model": model,
        "conf": CONF,
        "iou": IOU,
        "source": {"width": frame.width, "height": frame.height},
        "letterbox": {"scale": frame.scale, "left": frame.left, "top": frame.top},
        "detections": items,
    }


def write(out: Path, name: str, rgb: np.ndarray, model: Path, scales: list[np.ndarray]) -> np.ndarray:
    """One fixture folder; returns a picture of the expected result."""
    out.mkdir(parents=True, exist_ok=True)
    quant = out / "quant"
    quant.mkdir(exist_ok=True)
    sess = ref.session(model)
    boxed, frame = ref.prepare(rgb, int(sess.get_inputs()[0].shape[2]))
    outputs = sess.run(None, {"images": ref.to_tensor(boxed)})
    cv2.imwrite(str(out / "source.png"), rgb[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 9])
    np.save(out / "input.npy", boxed)
    restored = []
    for k, value in enumerate(outputs):
        value = np.ascontiguousarray(value, np.float32)
        np.save(out / f"output{k}.npy", value)
        if k < 6:
            step = scales[k]
            ints = np.clip(np.round(value / step), -(2**31), 2**31 - 1).astype(np.int32)
        elif k == 9:
            step = np.array([np.abs(value).max() / 32767.0], np.float32)
            ints = np.clip(np.round(value / step), -32768, 32767).astype(np.int16)
        else:
            np.save(quant / f"output{k}.npy", value)
            restored.append(value)
            continue
        np.save(quant / f"output{k}.npy", ints)
        np.save(quant / f"scale{k}.npy", step)
        restored.append(ints.astype(np.float32) * step)
    found = ref.detect_seed(outputs, frame, CONF, IOU)
    twin = ref.detect_seed(restored, frame, CONF, IOU)
    (out / "expected.json").write_text(json.dumps(as_json(found, frame, model.name)) + "\n")
    (out / "expected_quant.json").write_text(json.dumps(as_json(twin, frame, model.name)) + "\n")
    c = ref.decode_seed(outputs, CONF)
    cells = {
        "cells": c.cells.tolist(),
        "classes": c.classes.tolist(),
        "logits": c.logits.tolist(),
        "boxes_network_px": c.boxes.tolist(),
        "kept": ref.nms(c, IOU, 300).tolist(),
    }
    (out / "candidates.json").write_text(json.dumps(cells) + "\n")
    assert len(found) == len(twin), (
        f"{name}: the quantised twin finds {len(twin)} objects, the float one {len(found)}"
    )
    gap = max(
        (
            max(abs(a - b) for a, b in zip(f.box, t.box, strict=True))
            for f, t in zip(found, twin, strict=True)
        ),
        default=0.0,
    )
    iou = min(
        ((f.mask & t.mask).sum() / max(1, (f.mask | t.mask).sum()) for f, t in zip(found, twin, strict=True)),
        default=1.0,
    )
    peak = max(int(np.abs(np.load(quant / f"output{k}.npy")).max()) for k in range(6))
    print(
        f"{out}: {len(c.cells)} candidates, {len(found)} objects, "
        f"twin: box gap {gap:.4f} px, least mask IoU {iou:.4f}, peak int {peak}"
    )
    return overlay(rgb, [Instance(d.cls, d.mask) for d in found if d.mask.any()])


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--ckpt", type=Path, default=CHECKPOINT)
    parser.add_argument("--models", type=Path, default=MODELS)
    parser.add_argument("--out", type=Path, default=Path("golden"))
    args = parser.parse_args()
    torch.set_num_threads(2)
    net, _ = load(args.ckpt)
    pictures = {name: scene(seed, w, h)[0] for name, seed, w, h in PICTURES}
    for size, file in ((320, "shapes-seg-320.onnx"), (640, "shapes-seg.onnx")):
        scales = accumulator_scales(net, [ref.prepare(rgb, size)[0] for rgb in pictures.values()])
        for name, rgb in pictures.items():
            shown = write(args.out / str(size) / name, name, rgb, args.models / file, scales)
            cv2.imwrite(str(args.out / str(size) / name / "expected.jpg"), shown[..., ::-1])


if __name__ == "__main__":
    main()
