"""Plain numpy reference decoder for the ten-output and the stock form.

Written for clarity, as the yardstick for the TypeScript and native decoders:

1. threshold the best class logit of every cell against logit(conf);
2. DFL: softmax over 16 bins (maximum subtracted), expected distance in cells;
3. distances to x1 y1 x2 y2 in network pixels, best first, per-class NMS;
4. mask logits = coefficients . proto, sampled bilinearly at the centres of the
   source pixels (the logits are interpolated, not a mask), > 0, cropped to the box.

All arithmetic is float64 on float32 inputs; results are source pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime as ort
from scenes import letterbox

REG_MAX = 16
STRIDES = (8, 16, 32)


@dataclass(frozen=True)
class Frame:
    """How a source picture was fitted into the network input."""

    width: int
    height: int
    scale: float
    left: int
    top: int


@dataclass(frozen=True)
class Detection:
    """One found object in source pixels."""

    cls: int
    score: float
    box: tuple[float, float, float, float]  # x1 y1 x2 y2 in source pixels
    mask: np.ndarray  # bool [height, width]


@dataclass(frozen=True)
class Candidates:
    """Cells above the threshold, best score first, in network pixels."""

    boxes: np.ndarray  # [n, 4] x1 y1 x2 y2
    logits: np.ndarray  # [n]
    classes: np.ndarray  # [n]
    coefs: np.ndarray  # [n, 32]
    cells: np.ndarray  # [n] flat cell index over the three scales


def sigmoid(x: np.ndarray) -> np.ndarray:
    """Logit to probability."""
    return 1.0 / (1.0 + np.exp(-x))


def logit(p: float) -> float:
    """Probability to logit."""
    return float(np.log(p / (1.0 - p)))


def decode_seed(outputs: list[np.ndarray], conf: float) -> Candidates:
    """Candidates from coefficients, boxes, classes (three scales each) and proto."""
    boxes, logits, classes, coefs, cells = [], [], [], [], []
    first = 0
    for level, stride in enumerate(STRIDES):
        coef, dist, cls = (outputs[k * 3 + level][0].astype(np.float64) for k in range(3))
        h, w, _ = cls.shape
        best = cls.max(2)
        ys, xs = np.nonzero(best > logit(conf))
        bins = dist[ys, xs].reshape(-1, 4, REG_MAX)
        bins = np.exp(bins - bins.max(2, keepdims=True))
        ltrb = (bins / bins.sum(2, keepdims=True)) @ np.arange(REG_MAX)
        cx, cy = xs + 0.5, ys + 0.5
        boxes.append(
            np.stack([cx - ltrb[:, 0], cy - ltrb[:, 1], cx + ltrb[:, 2], cy + ltrb[:, 3]], 1) * stride
        )
        logits.append(best[ys, xs])
        classes.append(cls.argmax(2)[ys, xs])
        coefs.append(coef[ys, xs])
        cells.append(first + ys * w + xs)
        first += h * w
    flat = [np.concatenate(p) for p in (boxes, logits, classes, coefs, cells)]
    order = np.argsort(-flat[1], kind="stable")
    return Candidates(*(p[order] for p in flat))


def decode_stock(output0: np.ndarray, nc: int, conf: float) -> Candidates:
    """Candidates from the decoded [1, 4+nc+32, cells] tensor."""
    rows = output0[0].T.astype(np.float64)
    scores = rows[:, 4 : 4 + nc]
    keep = np.flatnonzero(scores.max(1) > conf)
    rows, scores = rows[keep], scores[keep]
    half = rows[:, 2:4] / 2
    boxes = np.concatenate([rows[:, :2] - half, rows[:, :2] + half], 1)
    best = np.clip(scores.max(1), 1e-12, 1 - 1e-12)
    parts = (boxes, np.log(best / (1 - best)), scores.argmax(1), rows[:, 4 + nc :], keep)
    order = np.argsort(-best, kind="stable")
    return Candidates(*(p[order] for p in parts))


def nms(c: Candidates, iou: float, limit: int) -> np.ndarray:
    """Indices kept by greedy per-class suppression (IoU above `iou` is dropped)."""
    x1, y1, x2, y2 = c.boxes.T
    area = np.maximum(x2 - x1, 0) * np.maximum(y2 - y1, 0)
    alive = np.ones(len(area), bool)
    kept: list[int] = []
    for i in range(len(area)):
        if not alive[i]:
            continue
        kept.append(i)
        if len(kept) == limit:
            break
        iw = np.minimum(x2, x2[i]) - np.maximum(x1, x1[i])
        ih = np.minimum(y2, y2[i]) - np.maximum(y1, y1[i])
        inter = np.maximum(iw, 0) * np.maximum(ih, 0)
        overlap = inter / np.maximum(area + area[i] - inter, 1e-12)
        alive &= ~((overlap > iou) & (c.classes == c.classes[i]))
    return np.array(kept, np.int64)


def _taps(n: int, scale: float, offset: int, cells: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Bilinear taps along one axis: low index, high index, weight of the high one."""
    # Source pixel centre -> network pixel -> proto cell centre, clamped at the border.
    at = np.clip(((np.arange(n) + 0.5) * scale + offset) / 4.0 - 0.5, 0, cells - 1)
    low = np.minimum(np.floor(at).astype(np.int64), cells - 1)
    return low, np.minimum(low + 1, cells - 1), at - low


def source_mask(coef: np.ndarray, proto: np.ndarray, box: np.ndarray, frame: Frame) -> np.ndarray:
    """Mask at source size from NHWC proto; `box` in source pixels."""
    mask = np.zeros((frame.height, frame.width), bool)
    # A pixel belongs to the box when its centre lies in [low, high).
    x1, y1 = (max(0, int(np.ceil(v - 0.5))) for v in box[:2])
    x2, y2 = (
        min(n, int(np.ceil(v - 0.5))) for v, n in zip(box[2:], (frame.width, frame.height), strict=True)
    )
    if x2 <= x1 or y2 <= y1:
        return mask
    logits = proto @ coef
    xa, xb, xw = (t[x1:x2] for t in _taps(frame.width, frame.scale, frame.left, proto.shape[1]))
    ya, yb, yw = (t[y1:y2] for t in _taps(frame.height, frame.scale, frame.top, proto.shape[0]))
    rows = logits[ya] * (1 - yw[:, None]) + logits[yb] * yw[:, None]
    mask[y1:y2, x1:x2] = rows[:, xa] * (1 - xw) + rows[:, xb] * xw > 0
    return mask


def finish(
    c: Candidates, proto: np.ndarray, frame: Frame, iou: float = 0.7, limit: int = 300
) -> list[Detection]:
    """NMS, boxes back to source pixels (clipped), masks."""
    found = []
    for i in nms(c, iou, limit):
        box = (c.boxes[i] - (frame.left, frame.top) * 2) / frame.scale
        box = np.clip(box, 0, (frame.width, frame.height) * 2)
        mask = source_mask(c.coefs[i], proto, box, frame)
        x1, y1, x2, y2 = (float(v) for v in box)
        found.append(Detection(int(c.classes[i]), float(sigmoid(c.logits[i])), (x1, y1, x2, y2), mask))
    return found


def detect_seed(
    outputs: list[np.ndarray], frame: Frame, conf: float = 0.25, iou: float = 0.7, limit: int = 300
) -> list[Detection]:
    """Full reference result from ten float outputs."""
    return finish(decode_seed(outputs, conf), outputs[9][0].astype(np.float64), frame, iou, limit)


def detect_stock(
    output0: np.ndarray, output1: np.ndarray, nc: int, frame: Frame, conf: float = 0.25, iou: float = 0.7
) -> list[Detection]:
    """Full reference result from the stock pair (proto is NCHW there)."""
    return finish(
        decode_stock(output0, nc, conf), output1[0].transpose(1, 2, 0).astype(np.float64), frame, iou
    )


def prepare(rgb: np.ndarray, size: int) -> tuple[np.ndarray, Frame]:
    """Letterboxed uint8 RGB input and the matching frame description."""
    boxed, scale, left, top = letterbox(rgb, size)
    return boxed, Frame(rgb.shape[1], rgb.shape[0], scale, left, top)


def to_tensor(boxed: np.ndarray) -> np.ndarray:
    """uint8 HWC to the float32 NCHW 0..1 tensor the ONNX files take."""
    return np.ascontiguousarray(boxed.transpose(2, 0, 1)[None].astype(np.float32) / np.float32(255.0))


def session(path: Path, threads: int = 1) -> ort.InferenceSession:
    """An ONNX Runtime session on the CPU."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
