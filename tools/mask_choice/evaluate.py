"""Mask AP and mask IoU of every way to cut a mask; called by measure.mjs, which says how to run it."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from pathlib import Path

import masks
import numpy as np
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

sys.path.append(str(Path(__file__).resolve().parents[2] / "test" / "oracle"))
import decode  # noqa: E402

OURS = "(a) logits upsampled, cut at 0: our TypeScript"
RULES = {"every": "every class above the threshold", "best": "best class of a cell"}
SCORE, IOU, MOST = 0.001, 0.7, 300
# Objects behind the IoU columns: found with this score, with a box that overlaps the truth's this much.
SHOWN_SCORE, MATCH_IOU = 0.25, 0.5


def candidates(scores: np.ndarray, rule: str) -> tuple[np.ndarray, np.ndarray]:
    """Cells and classes above the threshold, best first, equal scores by cell."""
    threshold = np.log(SCORE / (1 - SCORE))
    if rule == "every":
        cells, classes = np.nonzero(scores > threshold)
    else:
        cells = np.flatnonzero(scores.max(1) > threshold)
        classes = scores[cells].argmax(1)
    order = np.argsort(-scores[cells, classes].astype(np.float32), kind="stable")
    return cells[order], classes[order]


def suppress(boxes: np.ndarray, classes: np.ndarray) -> list[int]:
    """Greedy suppression per class; boxes come best first."""
    area = np.prod(np.maximum(boxes[:, 2:] - boxes[:, :2], 0), 1)
    alive = np.ones(len(boxes), bool)
    kept: list[int] = []
    for index in range(len(boxes)):
        if not alive[index]:
            continue
        kept.append(index)
        if len(kept) == MOST:
            break
        low = np.maximum(boxes[:, :2], boxes[index, :2])
        high = np.minimum(boxes[:, 2:], boxes[index, 2:])
        shared = np.prod(np.maximum(high - low, 0), 1)
        overlap = shared / np.maximum(area + area[index] - shared, 1e-12)
        alive &= ~((overlap > IOU) & (classes == classes[index]))
    return kept


def result(image_id: int, category: int, score: float, box: np.ndarray, mask: np.ndarray) -> dict:
    x1, y1, x2, y2 = (float(edge) for edge in box)
    return {
        "image_id": image_id,
        "category_id": category,
        "score": float(score),
        "bbox": [x1, y1, x2 - x1, y2 - y1],
        "segmentation": coco_mask.encode(np.asfortranarray(mask)),
    }


def padded(mask: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """The truth's size: pictures of odd size lost their last row or column on the way in."""
    return np.pad(mask, ((0, size[0] - mask.shape[0]), (0, size[1] - mask.shape[1])))


def numpy_results(
    folder: Path, case: dict, rule: str, size: tuple[int, int], categories: list[int]
) -> dict[str, list[dict]]:
    geometry = case["geometry"]
    scores, boxes, coefs = decode.split_candidates(folder, case)
    cells, classes = candidates(scores, rule)
    images = np.stack([decode.to_image(boxes[cell], geometry) for cell in cells])
    shown = (images[:, 2] > images[:, 0]) & (images[:, 3] > images[:, 1])
    cells, classes, images = cells[shown], classes[shown], images[shown]
    proto = decode.load(folder, case["proto"], case["protoHeight"], case["protoWidth"], case["coefCount"])
    cell_px = case["protoDownsample"]
    grid_y, grid_x = (
        masks.grid_positions(
            geometry[f"source{side}Px"], geometry[f"gain{axis}"], geometry[f"pad{axis}Px"], cell_px, cells_on
        )
        for side, axis, cells_on in (("Height", "Y", proto.shape[0]), ("Width", "X", proto.shape[1]))
    )
    found: dict[str, list[dict]] = {name: [] for name in masks.WAYS}
    for index in suppress(boxes[cells], classes):
        cell, class_id, box = cells[index], classes[index], images[index]
        item = masks.Object(proto @ coefs[cell], box, boxes[cell], cell_px, grid_x, grid_y)
        score = 1 / (1 + np.exp(-scores[cell, class_id]))
        for name, way in masks.WAYS.items():
            mask = padded(way(item), size)
            found[name].append(result(case["imageId"], categories[class_id], score, box, mask))
    return found


def our_results(case: dict, rule: str, size: tuple[int, int], categories: list[int]) -> list[dict]:
    found = []
    for one in case["ours"][rule]:
        mask = padded(coco_mask.decode(one["segmentation"]), size)
        found.append(result(case["imageId"], categories[one["classId"]], one["score"], one["box"], mask))
    return found


def average_precision(truth: COCO, results: list[dict], kind: str) -> list[float]:
    """AP50-95, AP50, and AP50-95 of small, medium and large objects."""
    with contextlib.redirect_stdout(io.StringIO()):
        # One kind of shape only: given boxes too, pycocotools would sort masks by the areas of boxes.
        shape = "segmentation" if kind == "segm" else "bbox"
        keys = ("image_id", "category_id", "score", shape)
        loaded = truth.loadRes([{key: one[key] for key in keys} for one in results])
        evaluation = COCOeval(truth, loaded, kind)
        evaluation.params.maxDets = [1, 10, MOST]
        evaluation.evaluate()
        evaluation.accumulate()
    precision = evaluation.eval["precision"][..., -1]

    def mean(values: np.ndarray) -> float:
        return float(values[values > -1].mean())

    areas = [mean(precision[..., area]) for area in (1, 2, 3)]
    return [mean(precision[..., 0]), mean(precision[0, ..., 0]), *areas]


def overlaps(truth: COCO, results: list[dict]) -> dict[int, float]:
    """Mask IoU of each annotation found, by its id; which are found depends on boxes and scores alone."""
    found: dict[int, float] = {}
    for image_id in truth.getImgIds():
        annotations = truth.loadAnns(truth.getAnnIds(image_id, iscrowd=False))
        of_image = [one for one in results if one["image_id"] == image_id and one["score"] > SHOWN_SCORE]
        for one in sorted(of_image, key=lambda one: -one["score"]):
            rivals = [a for a in annotations if a["category_id"] == one["category_id"] and a["id"] not in found]
            if not rivals:
                continue
            near = coco_mask.iou([one["bbox"]], [a["bbox"] for a in rivals], [0] * len(rivals))[0]
            if near.max() < MATCH_IOU:
                continue
            match = rivals[near.argmax()]
            found[match["id"]] = coco_mask.iou([one["segmentation"]], [truth.annToRLE(match)], [0])[0, 0]
    return found


def report(truth: COCO, rows: dict[str, list[dict]], title: str) -> None:
    print(f"\n{title}\n")
    print("| Mask | AP50-95 | AP50 | AP s | AP m | AP l | mean IoU | IoU against ours |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    reference = overlaps(truth, rows[OURS])
    for name, results in rows.items():
        figures = " | ".join(f"{value:.4f}".lstrip("0") for value in average_precision(truth, results, "segm"))
        own = overlaps(truth, results)
        assert own.keys() == reference.keys()
        differences = np.array([own[key] - reference[key] for key in own])
        error = differences.std(ddof=1) / len(differences) ** 0.5
        print(f"| {name} | {figures} | {np.mean(list(own.values())):.4f} | {differences.mean():+.4f} ± {error:.4f} |")
    box = average_precision(truth, rows[OURS], "bbox")
    print(f"\nBox AP50-95 {box[0]:.4f}, AP50 {box[1]:.4f}; {len(reference)} objects behind mean IoU.", flush=True)


def main() -> None:
    folder, annotations = Path(sys.argv[1]), sys.argv[2]
    cases = json.loads((folder / "cases.json").read_text())
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(annotations)
    categories = sorted(truth.getCatIds())
    for rule, description in RULES.items():
        rows: dict[str, list[dict]] = {name: [] for name in [OURS, *masks.WAYS]}
        for case in cases:
            image = truth.loadImgs(case["imageId"])[0]
            size = (image["height"], image["width"])
            rows[OURS] += our_results(case, rule, size, categories)
            for name, results in numpy_results(folder, case, rule, size, categories).items():
                rows[name] += results
        report(truth, rows, f"Rule: {description}; {len(rows[OURS])} detections.")


if __name__ == "__main__":
    main()
