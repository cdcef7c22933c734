"""HOTA, IDF1, MOTA and switches of tracks by TrackEval; and the boxes of real people that motmetrics carries.

    python judge.py people OUT             # OUT/NAME/truth.json and detections.json of TUD-Campus and TUD-Stadtmitte
    python judge.py figures FOLDER...      # a line of JSON for each folder of NAME.json: {truth, tracks} by frame
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import motmetrics
import numpy as np
from trackeval.metrics import CLEAR, HOTA, Identity

PEOPLE = ["TUD-Campus", "TUD-Stadtmitte"]


def people(out: Path) -> None:
    """Truth, and detections: the boxes of a published tracker without their ids."""
    data = Path(motmetrics.__file__).parent / "data"
    for name in PEOPLE:
        frames: dict[str, dict[int, list]] = {"gt": {}, "test": {}}
        for kind, by_frame in frames.items():
            for line in (data / name / f"{kind}.txt").read_text().split():
                frame, one, x, y, w, h = (float(cell) for cell in line.split(",")[:6])
                by_frame.setdefault(int(frame), []).append([int(one), 0, x, y, x + w, y + h])
        numbers = range(1, max(frames["gt"]) + 1)
        found = [frames["test"].get(number, []) for number in numbers]
        folder = out / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "truth.json").write_text(json.dumps([frames["gt"].get(number, []) for number in numbers]))
        detections = [
            {
                "boxes": [edge for one in frame for edge in one[2:]],
                "scores": [0.9] * len(frame),
                "classIds": [0] * len(frame),
                "spans": "",
                "spanStarts": [0] * (len(frame) + 1),
            }
            for frame in found
        ]
        (folder / "detections.json").write_text(json.dumps(detections))


def iou(a: list[float], b: list[float]) -> float:
    """Of two boxes of one class; others do not overlap."""
    across = min(a[4], b[4]) - max(a[2], b[2])
    down = min(a[5], b[5]) - max(a[3], b[3])
    if a[1] != b[1] or across <= 0 or down <= 0:
        return 0.0
    shared = across * down
    areas = [(box[4] - box[2]) * (box[5] - box[3]) for box in (a, b)]
    return shared / (sum(areas) - shared)


def sequence(truth: list, tracks: list) -> dict[str, object]:
    """What TrackEval's metrics take."""
    numbers: list[dict[int, int]] = [{}, {}]
    ids: list[list[np.ndarray]] = [[], []]
    for frame in zip(truth, tracks, strict=True):
        for known, own, rows in zip(numbers, ids, frame, strict=True):
            own.append(np.array([known.setdefault(row[0], len(known)) for row in rows], int))
    return {
        "num_timesteps": len(truth),
        "num_gt_ids": len(numbers[0]),
        "num_tracker_ids": len(numbers[1]),
        "num_gt_dets": sum(map(len, truth)),
        "num_tracker_dets": sum(map(len, tracks)),
        "gt_ids": ids[0],
        "tracker_ids": ids[1],
        "similarity_scores": [
            np.array([[iou(a, b) for b in found] for a in seen]).reshape(len(seen), len(found))
            for seen, found in zip(truth, tracks, strict=True)
        ],
    }


def figures(folder: Path) -> dict[str, object]:
    """Over all sequences of a folder together, and IDF1 of each."""
    quiet = {"PRINT_CONFIG": False}
    metrics = {"HOTA": HOTA(), "Identity": Identity(quiet), "CLEAR": CLEAR(quiet)}
    found: dict[str, dict[str, dict]] = {name: {} for name in metrics}
    for path in sorted(folder.glob("*.json")):
        frames = json.loads(path.read_text())
        data = sequence(frames["truth"], frames["tracks"])
        for name, metric in metrics.items():
            found[name][path.stem] = metric.eval_sequence(data)
    whole = {name: metric.combine_sequences(found[name]) for name, metric in metrics.items()}
    return {
        "name": folder.name,
        "HOTA": round(100 * float(np.mean(whole["HOTA"]["HOTA"])), 1),
        "IDF1": round(100 * float(whole["Identity"]["IDF1"]), 1),
        "MOTA": round(100 * float(whole["CLEAR"]["MOTA"]), 1),
        "switches": int(whole["CLEAR"]["IDSW"]),
        "IDF1 by sequence": {one: 100 * float(value["IDF1"]) for one, value in found["Identity"].items()},
    }


if __name__ == "__main__":
    if sys.argv[1] == "people":
        people(Path(sys.argv[2]))
    else:
        for argument in sys.argv[2:]:
            print(json.dumps(figures(Path(argument))))
