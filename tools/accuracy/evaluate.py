"""Box and mask AP of result files, and how sure their difference to the first is; called by measure.mjs."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from pathlib import Path

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

SCORES = (0.001, 0.25)
MOST = 300
KINDS = {"bbox": "box", "segm": "mask"}
# Pictures are drawn anew, with repetition, this often; the same draws for all rows.
DRAWS = 100


class Evaluation:
    """One kind of AP of one result file, over any choice of its pictures."""

    def __init__(self, truth: COCO, results: list[dict], kind: str) -> None:
        # One kind of shape only: given boxes too, pycocotools would sort masks by the areas of boxes.
        shape = "segmentation" if kind == "segm" else "bbox"
        keys = ("image_id", "category_id", "score", shape)
        loaded = truth.loadRes([{key: one[key] for key in keys} for one in results])
        self._evaluation = COCOeval(truth, loaded, kind)
        params = self._evaluation.params
        params.maxDets = [MOST]
        params.areaRng, params.areaRngLbl = params.areaRng[:1], params.areaRngLbl[:1]
        self._evaluation.evaluate()
        self._per_picture = np.array(self._evaluation.evalImgs, object).reshape(len(params.catIds), -1)

    def ap(self, pictures: np.ndarray) -> float:
        """AP50-95 over these pictures, in percent; one that is there twice counts twice."""
        evaluation = self._evaluation
        evaluation.evalImgs = self._per_picture[:, pictures].ravel().tolist()
        for params in (evaluation.params, evaluation._paramsEval):
            params.imgIds = list(range(len(pictures)))
        evaluation.accumulate()
        precision = evaluation.eval["precision"]
        return 100 * float(precision[precision > -1].mean())


def as_truth(truth: COCO, results: list[dict]) -> COCO:
    """What was found clearly in the same pictures, as if it were annotated."""
    clear = [one for one in results if one["score"] > SCORES[-1]]
    made = COCO()
    made.dataset = {
        "images": truth.dataset["images"],
        "categories": truth.dataset["categories"],
        "annotations": [
            {**one, "id": index + 1, "area": one["bbox"][2] * one["bbox"][3], "iscrowd": 0} for index, one in enumerate(clear)
        ],
    }
    made.createIndex()
    return made


def main() -> None:
    folder, annotations = Path(sys.argv[1]), sys.argv[2]
    rows = json.loads((folder / "rows.json").read_text())
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(annotations)
    count = len(truth.getImgIds())
    everything = np.arange(count)
    draws = np.random.default_rng(0).integers(0, count, (DRAWS, count))
    objects = len(truth.getAnnIds(iscrowd=False))
    print(f"{count} pictures, {objects} objects; AP50-95 in percent, difference to the first row ± standard error.")
    print(f"Last two columns: AP against what the first row finds with score > {SCORES[-1]}, in the place of annotations.\n")
    columns = [(score, kind) for score in SCORES for kind in KINDS]
    names = [f"{KINDS[kind]}, score > {score}" for score, kind in columns]
    names += [f"{name}, as first row" for name in KINDS.values()]
    print(f"| outputs | {' | '.join(names)} |")
    print("| --- " * (len(names) + 1) + "|", flush=True)
    first: dict[tuple[float, str], tuple[float, np.ndarray]] = {}
    found: COCO | None = None
    for row in rows:
        results = json.loads((folder / row["file"]).read_text())
        cells = []
        with contextlib.redirect_stdout(io.StringIO()):
            for column in columns:
                score, kind = column
                evaluation = Evaluation(truth, [one for one in results if one["score"] > score], kind)
                whole = evaluation.ap(everything)
                drawn = np.array([evaluation.ap(draw) for draw in draws])
                reference, reference_drawn = first.setdefault(column, (whole, drawn))
                error = (drawn - reference_drawn).std(ddof=1)
                difference = f" ({whole - reference:+.1f} ± {error:.1f})" if row is not rows[0] else ""
                cells.append(f"{whole:.1f}{difference}")
            found = found or as_truth(truth, results)
            cells += [f"{Evaluation(found, results, kind).ap(everything):.1f}" for kind in KINDS]
        print(f"| {row['name']} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
