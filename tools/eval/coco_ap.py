"""Box and mask AP of a COCO result file by pycocotools itself; called by `rdk-yolo-seg eval`.

    coco_ap.py check
    coco_ap.py TRUTH RESULTS PICTURES

`check` prints the versions of what is needed. Otherwise PICTURES is a JSON list of the picture ids that count, and one
JSON object is printed: for `bbox` and `segm` the twelve figures, their lines as pycocotools words them, and per
category AP50-95 and AP50. Figures that are not defined (no object of the kind) are null.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
from importlib.metadata import version

import numpy as np
import pycocotools.mask
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

KINDS = {"bbox": "bbox", "segm": "segmentation"}


def defined(value: float) -> float | None:
    return None if value < 0 else float(value)


def mean(precision: np.ndarray) -> float | None:
    values = precision[precision > -1]
    return float(values.mean()) if values.size else None


def read_truth(path: str) -> COCO:
    truth = COCO(path)
    for one in truth.dataset["annotations"]:
        one["iscrowd"] = int(one.get("iscrowd", 0))
        # Files of other tools leave it out; it decides what is small, medium and large.
        if "area" not in one:
            one["area"] = float(pycocotools.mask.area(truth.annToRLE(one)))
    return truth


def load(truth: COCO, results: list[dict], shape: str) -> COCO:
    if not results:
        nothing = COCO()
        nothing.dataset = {**truth.dataset, "annotations": []}
        nothing.createIndex()
        return nothing
    # One kind of shape only: given boxes too, pycocotools would sort masks by the areas of boxes.
    keys = ("image_id", "category_id", "score", shape)
    return truth.loadRes([{key: one[key] for key in keys} for one in results])


def figures(truth: COCO, results: list[dict], pictures: list[int], kind: str, shape: str) -> dict:
    evaluation = COCOeval(truth, load(truth, results, shape), kind)
    evaluation.params.imgIds = pictures
    evaluation.evaluate()
    evaluation.accumulate()
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        evaluation.summarize()
    # [IoU, recall, category, size of objects, most detections]; the last of these is what the first figure takes.
    precision = evaluation.eval["precision"][:, :, :, 0, -1]
    return {
        "stats": [defined(value) for value in evaluation.stats],
        "lines": [line.strip() for line in said.getvalue().splitlines()],
        "classes": [
            {"category_id": int(category), "ap": mean(precision[:, :, index]), "ap50": mean(precision[0, :, index])}
            for index, category in enumerate(evaluation.params.catIds)
        ],
    }


def main() -> None:
    if sys.argv[1:] == ["check"]:
        print(json.dumps({"pycocotools": version("pycocotools"), "numpy": version("numpy")}))
        return
    truth_path, results_path, pictures_path = sys.argv[1:]
    with open(results_path) as results_file, open(pictures_path) as pictures_file:
        results, pictures = json.load(results_file), json.load(pictures_file)
    with contextlib.redirect_stdout(io.StringIO()):
        truth = read_truth(truth_path)
        found = {kind: figures(truth, results, pictures, kind, shape) for kind, shape in KINDS.items()}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
