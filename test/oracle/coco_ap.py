"""Box and mask AP by pycocotools, for detections whose masks are row spans: the yardstick of `eval`.

    coco_ap.py TRUTH DETECTIONS

DETECTIONS is a JSON list with image_id, category_id, score, box (x1, y1, x2, y2) and spans (y, x1, x2) each. Prints the
twelve figures of boxes and those of masks.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys

import numpy as np
from pycocotools import mask
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval


def rle(one: dict, image: dict) -> dict:
    inside = np.zeros((image["height"], image["width"]), np.uint8, order="F")
    for y, x1, x2 in one["spans"]:
        inside[y, x1:x2] = 1
    coded = mask.encode(inside)
    return {"size": coded["size"], "counts": coded["counts"].decode()}


def main() -> None:
    said = io.StringIO()
    with contextlib.redirect_stdout(said), open(sys.argv[2]) as file:
        truth = COCO(sys.argv[1])
        stats = {}
        found = json.load(file)
        for kind in ("bbox", "segm"):
            results = []
            for one in found:
                result = {key: one[key] for key in ("image_id", "category_id", "score")}
                if kind == "bbox":
                    x1, y1, x2, y2 = one["box"]
                    result["bbox"] = [x1, y1, x2 - x1, y2 - y1]
                else:
                    result["segmentation"] = rle(one, truth.imgs[one["image_id"]])
                results.append(result)
            evaluation = COCOeval(truth, truth.loadRes(results), kind)
            evaluation.evaluate()
            evaluation.accumulate()
            evaluation.summarize()
            stats[kind] = evaluation.stats.tolist()
    print(json.dumps(stats))


if __name__ == "__main__":
    main()
