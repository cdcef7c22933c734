"""YOLOv8-seg post-processing in numpy, vectorised where that helps; test/bench/postprocess.mjs compares it with ours.

    python3 postprocess_numpy.py FOLDER REPEATS 0|1 lean|plain

FOLDER holds the scenes of postprocess/sceneFiles.mjs; 1 prints the detections. Prints JSON, milliseconds of CPU time.
`lean` decodes only the cells above the threshold and only the masks' boxes. `plain` is the textbook: every cell is
decoded, every mask is multiplied over the whole grid, brought to source size and cropped.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np


def read_scenes(folder: Path) -> list[dict]:
    words = iter((folder / "scenes.txt").read_text().split())

    def tensor(*shape: int) -> np.ndarray:
        return np.fromfile(folder / next(words), np.float32).reshape(shape)

    scenes = []
    for _ in range(int(next(words))):
        scene = {"name": next(words), "score": float(next(words)), "iou": float(next(words))}
        for name in ("max_detections", "max_candidates", "width", "height"):
            scene[name] = int(next(words))
        scene["gain"] = np.array([float(next(words)), float(next(words))], np.float32)
        scene["pad"] = np.array([float(next(words)), float(next(words))], np.float32)
        classes, bins, coefs = (int(next(words)) for _ in range(3))
        scene["cell_px"], height, width = (int(next(words)) for _ in range(3))
        scene["proto"] = tensor(height, width, coefs)
        scene["levels"] = []
        for _ in range(int(next(words))):
            step, height, width = (int(next(words)) for _ in range(3))
            cells = height * width
            heads = tensor(cells, classes), tensor(cells, 4, bins), tensor(cells, coefs)
            scene["levels"].append((step, width, *heads))
        scenes.append(scene)
    return scenes


def find_candidates(scene: dict, plain: bool) -> tuple[np.ndarray, ...]:
    """Logits, classes, boxes (model pixels) and coefficients of the cells above the threshold."""
    threshold = np.float32(np.log(scene["score"] / (1 - scene["score"])))
    found = []
    for step, width, cls, box, coef in scene["levels"]:
        best = cls.max(1)
        above = best > threshold
        cells = np.arange(len(best)) if plain else np.flatnonzero(above)
        dist = box[cells]
        weights = np.exp(dist - dist.max(2, keepdims=True))
        sides = weights @ np.arange(box.shape[2], dtype=np.float32) / weights.sum(2)
        centres = np.stack([cells % width, cells // width], 1).astype(np.float32) + np.float32(0.5)
        boxes = np.concatenate([centres - sides[:, :2], centres + sides[:, 2:]], 1) * np.float32(step)
        parts = best[cells], cls[cells].argmax(1), boxes, coef[cells]
        found.append(tuple(part[above] for part in parts) if plain else parts)
    return tuple(np.concatenate(parts) for parts in zip(*found, strict=True))


def to_image(boxes: np.ndarray, scene: dict) -> np.ndarray:
    size = np.array([scene["width"], scene["height"]] * 2, np.float32)
    return np.clip((boxes - np.tile(scene["pad"], 2)) / np.tile(scene["gain"], 2), 0, size)


def suppress(logits: np.ndarray, classes: np.ndarray, boxes: np.ndarray, scene: dict) -> list[int]:
    """Indices of the candidates that no better one of their class covers, best first."""
    left = np.argsort(-logits, kind="stable")[: scene["max_candidates"]]
    inside = to_image(boxes[left], scene)
    left = left[(inside[:, 2] > inside[:, 0]) & (inside[:, 3] > inside[:, 1])]
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    kept: list[int] = []
    while left.size > 0 and len(kept) < scene["max_detections"]:
        best, left = left[0], left[1:]
        kept.append(int(best))
        low = np.maximum(boxes[best, :2], boxes[left, :2])
        high = np.minimum(boxes[best, 2:], boxes[left, 2:])
        shared = np.maximum(high - low, 0).prod(1)
        overlap = shared / (areas[best] + areas[left] - shared)
        left = left[(overlap <= scene["iou"]) | (classes[left] != classes[best])]
    return kept


def axis(first: int, end: int, gain: float, pad: float, cell_px: int, cells: int) -> tuple[np.ndarray, np.ndarray]:
    """Lower grid index and weight of the upper one for the source pixels [first, end)."""
    pixels = np.arange(first, end, dtype=np.float32)
    at = np.clip(((pixels + np.float32(0.5)) * gain + pad) / np.float32(cell_px) - np.float32(0.5), 0, cells - 1)
    low = at.astype(np.intp)
    return low, at - low.astype(np.float32)


def make_mask(coef: np.ndarray, box: np.ndarray, scene: dict) -> tuple[int, int, np.ndarray]:
    """Left, top and pixels of the mask; a pixel belongs to the box if its centre does."""
    x1, y1, x2, y2 = np.ceil(box - np.float32(0.5)).astype(int)
    if x2 <= x1 or y2 <= y1:
        return x1, y1, np.zeros((0, 0), bool)
    height, width, _ = scene["proto"].shape
    x, x_weight = axis(x1, x2, scene["gain"][0], scene["pad"][0], scene["cell_px"], width)
    y, y_weight = axis(y1, y2, scene["gain"][1], scene["pad"][1], scene["cell_px"], height)
    field = scene["proto"][y[0] : y[-1] + 2, x[0] : x[-1] + 2] @ coef
    x, y = x - x[0], y - y[0]
    x_next, y_next = np.minimum(x + 1, field.shape[1] - 1), np.minimum(y + 1, field.shape[0] - 1)
    columns = field[:, x] + (field[:, x_next] - field[:, x]) * x_weight
    above = columns[y]
    return x1, y1, above + (columns[y_next] - above) * y_weight[:, None] > 0


def make_mask_by_frame(coef: np.ndarray, box: np.ndarray, scene: dict) -> tuple[int, int, np.ndarray]:
    """As make_mask, by way of a mask of the whole frame."""
    frame = np.array([0, 0, scene["width"], scene["height"]], np.float32)
    _, _, mask = make_mask(coef, frame, scene)
    x1, y1, x2, y2 = np.ceil(box - np.float32(0.5)).astype(int)
    return x1, y1, mask[y1:y2, x1:x2]


def run(scene: dict, stages: dict[str, list[float]], plain: bool) -> dict:
    start = time.thread_time()
    logits, classes, boxes, coefs = find_candidates(scene, plain)
    decoded = time.thread_time()
    kept = suppress(logits, classes, boxes, scene)
    suppressed = time.thread_time()
    boxes_image = to_image(boxes[kept], scene)
    scores = 1 / (1 + np.exp(-logits[kept]))
    make = make_mask_by_frame if plain else make_mask
    masks = [make(coefs[cell], box, scene) for cell, box in zip(kept, boxes_image, strict=True)]
    end = time.thread_time()
    for name, seconds in (
        ("scanMs", decoded - start),
        ("nmsMs", suppressed - decoded),
        ("masksMs", end - suppressed),
        ("totalMs", end - start),
    ):
        stages[name].append(seconds * 1e3)
    return {"candidateCount": len(logits), "detections": (boxes_image, scores, classes[kept], masks)}


def spans(left: int, top: int, mask: np.ndarray) -> list[list[int]]:
    found = []
    for y, bits in enumerate(mask):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], bits.astype(int), [0]])))
        found += [[int(top + y), int(left + a), int(left + b)] for a, b in edges.reshape(-1, 2)]
    return found


def describe(boxes: np.ndarray, scores: np.ndarray, classes: np.ndarray, masks: list) -> list[dict]:
    return [
        {"box": box.tolist(), "score": float(score), "classId": int(class_id), "spans": spans(*mask)}
        for box, score, class_id, mask in zip(boxes, scores, classes, masks, strict=True)
    ]


def main() -> None:
    folder, repeats, with_detections = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "1"
    plain = {"lean": False, "plain": True}[sys.argv[4]]
    scenes = read_scenes(folder)
    stages = [{"scanMs": [], "nmsMs": [], "masksMs": [], "totalMs": []} for _ in scenes]
    results = [{} for _ in scenes]
    # Scenes take turns, so that none finds its tensors in the cache.
    for _ in range(repeats):
        results = [run(scene, times, plain) for scene, times in zip(scenes, stages, strict=True)]
    print(json.dumps([
        {
            "name": scene["name"],
            "candidateCount": result["candidateCount"],
            "objectCount": len(result["detections"][0]),
            **{name: statistics.median(values) for name, values in times.items()},
            "detections": describe(*result["detections"]) if with_detections else [],
        }
        for scene, times, result in zip(scenes, stages, results, strict=True)
    ]))


if __name__ == "__main__":
    main()
