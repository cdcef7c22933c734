"""Plain numpy post-processing, written for clarity: the yardstick of src/postprocess.

    python3 decode.py FOLDER

FOLDER/cases.json is a list of cases as oracle.ts writes them; each tensor is a file of float64 values, packed, cells
in rows with channels innermost. Prints a list of results: boxes (source pixels), scores, classes, spans (y, x1, x2)
per instance, candidate count. Nothing is skipped or shortened: every pixel of a box is interpolated.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np


def load(folder: Path, name: str, *shape: int) -> np.ndarray:
    return np.fromfile(folder / name, np.float64).reshape(shape)


def distances(folder: Path, level: dict, case: dict) -> np.ndarray:
    """Left, top, right, bottom of every cell in cells; four channels are the distances themselves."""
    cells = level["heightCells"] * level["widthCells"]
    if case["boxChannels"] == 4:
        return load(folder, level["box"], cells, 4)
    bins = case["boxChannels"] // 4
    dist = load(folder, level["box"], cells, 4, bins)
    weights = np.exp(dist - dist.max(2, keepdims=True))
    return (weights / weights.sum(2, keepdims=True)) @ np.arange(bins)


def raw_candidates(folder: Path, case: dict) -> tuple[np.ndarray, ...]:
    """Best score, class, box and coefficients of every cell from raw heads; scores are logits."""
    scores, boxes, coefs = [], [], []
    for level in case["levels"]:
        h, w, step = level["heightCells"], level["widthCells"], level["downsample"]
        cls = load(folder, level["cls"], h * w, case["classCount"])
        left, top, right, bottom = distances(folder, level, case).T
        y, x = (index.ravel() + 0.5 for index in np.mgrid[:h, :w])
        scores.append(cls)
        boxes.append(np.stack([x - left, y - top, x + right, y + bottom], 1) * step)
        coefs.append(load(folder, level["coef"], h * w, case["coefCount"]))
    return np.concatenate(scores), np.concatenate(boxes), np.concatenate(coefs)


def stock_candidates(folder: Path, case: dict) -> tuple[np.ndarray, ...]:
    """The same from the rows of a stock export; scores are probabilities."""
    classes = case["classCount"]
    rows = load(folder, case["rows"], -1, 4 + classes + case["coefCount"])
    half = rows[:, 2:4] / 2
    boxes = np.concatenate([rows[:, :2] - half, rows[:, :2] + half], 1)
    return rows[:, 4:4 + classes], boxes, rows[:, 4 + classes:]


def result_candidates(folder: Path, case: dict) -> tuple[np.ndarray, ...]:
    """The same from finished results; a row of a class that there is not has no score."""
    rows = load(folder, case["rows"], -1, 6 + case["coefCount"])
    scores = np.where(np.arange(case["classCount"]) == rows[:, 5:6], rows[:, 4:5], -np.inf)
    return scores, rows[:, :4], rows[:, 6:]


def to_image(box: np.ndarray, geometry: dict) -> np.ndarray:
    pad = np.array([geometry["padXPx"], geometry["padYPx"]] * 2)
    gain = np.array([geometry["gainX"], geometry["gainY"]] * 2)
    size = np.array([geometry["sourceWidthPx"], geometry["sourceHeightPx"]] * 2)
    return np.clip((box - pad) / gain, 0, size).astype(np.float32)


def iou(a: np.ndarray, b: np.ndarray) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    shared = max(width, 0) * max(height, 0)
    area = sum(max(c[2] - c[0], 0) * max(c[3] - c[1], 0) for c in (a, b))
    return shared / max(area - shared, 1e-12)


def axis(pixels: np.ndarray, gain: float, pad: float, cell_px: float, cells: int) -> tuple[np.ndarray, ...]:
    """Lower grid index, upper grid index and weight of the upper one for source pixels."""
    at = np.clip(((pixels + 0.5) * gain + pad) / cell_px - 0.5, 0, cells - 1)
    low = np.floor(at).astype(int)
    return low, np.minimum(low + 1, cells - 1), at - low


def mask_spans(coef: np.ndarray, proto: np.ndarray, box: np.ndarray, case: dict) -> list[list[int]]:
    geometry = case["geometry"]
    # Pixels whose centre lies in the box.
    x = np.arange(geometry["sourceWidthPx"])
    y = np.arange(geometry["sourceHeightPx"])
    x = x[(x + 0.5 >= box[0]) & (x + 0.5 < box[2])]
    y = y[(y + 0.5 >= box[1]) & (y + 0.5 < box[3])]
    logits = proto @ coef
    xa, xb, xw = axis(x, geometry["gainX"], geometry["padXPx"], case["protoDownsample"], proto.shape[1])
    ya, yb, yw = axis(y, geometry["gainY"], geometry["padYPx"], case["protoDownsample"], proto.shape[0])
    rows = logits[ya] * (1 - yw[:, None]) + logits[yb] * yw[:, None]
    mask = rows[:, xa] * (1 - xw) + rows[:, xb] * xw > 0
    spans = []
    for row, bits in zip(y, mask, strict=True):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], bits.astype(int), [0]])))
        spans += [[int(row), int(x[0] + a), int(x[0] + b)] for a, b in edges.reshape(-1, 2)]
    return spans


def decode(folder: Path, case: dict) -> dict:
    is_raw = case["kind"] == "raw"
    options = case["options"]
    read = {"raw": raw_candidates, "stock": stock_candidates, "results": result_candidates}
    scores, boxes, coefs = read[case["kind"]](folder, case)
    scores = np.where(np.isfinite(scores), scores, -np.inf)
    threshold = options["scoreThreshold"]
    if is_raw:
        threshold = np.log(threshold / (1 - threshold))
    if options["everyClass"]:
        cells, classes = np.nonzero(scores > threshold)
    else:
        cells = np.flatnonzero(scores.max(1) > threshold)
        classes = scores[cells].argmax(1)
    if options["classes"] is not None:
        wanted = np.isin(classes, options["classes"])
        cells, classes = cells[wanted], classes[wanted]
    candidate_count = len(cells)
    best = scores[cells, classes]
    order = np.argsort(-best.astype(np.float32), kind="stable")[: case["maxCandidates"]]
    proto = load(folder, case["proto"], case["protoHeight"], case["protoWidth"], case["coefCount"])
    suppresses = options["nms"] == "on" or (options["nms"] == "auto" and not case["isOneToOne"])
    kept: list[int] = []
    results = []
    for candidate in order:
        cell = cells[candidate]
        if len(kept) == options["maxDetections"]:
            break
        box = to_image(boxes[cell], case["geometry"])
        if not (np.isfinite(boxes[cell]).all() and box[2] > box[0] and box[3] > box[1]):
            continue
        rivals = [k for k in kept if options["classAgnosticNms"] or classes[k] == classes[candidate]]
        if suppresses and any(iou(boxes[cell], boxes[cells[k]]) > options["iouThreshold"] for k in rivals):
            continue
        kept.append(candidate)
        score = 1 / (1 + np.exp(-best[candidate])) if is_raw else min(best[candidate], 1)
        results.append({
            "box": box.astype(float).tolist(),
            "score": float(score),
            "classId": int(classes[candidate]),
            "spans": mask_spans(coefs[cell], proto, box, case),
        })
    return {"candidateCount": candidate_count, "detections": results}


def main() -> None:
    folder = Path(sys.argv[1])
    cases = json.loads((folder / "cases.json").read_text())
    with np.errstate(all="ignore"):
        print(json.dumps([decode(folder, case) for case in cases]))


if __name__ == "__main__":
    main()
