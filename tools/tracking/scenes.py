"""Moving scenes of the demo's objects, several of two classes that hide each other, with exact masks and identities.

    python scenes.py made OUT 1 2 3        # truth, and detections made of it: scores fall with what is hidden
    python scenes.py pictures OUT 11 12    # truth, and pictures for a model
    python scenes.py demo                  # writes assets/tracking, for `npm run demo -- --scene tracking`

Each seed gives OUT/SEED/truth.json: for each frame a list of [identity, class, x1, y1, x2, y2].
"""

from __future__ import annotations

import argparse
import base64
import json
import sys
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "demo_model"))
from coco_file import CocoFile
from painters import BALL, CLASSES, CRATE, PALLET, Obj, paint_object
from scenes import Instance, Room

FRAMES = 150
MADE_SIZE = (480, 270)
PICTURE_SIZE = (960, 540)
LEAST_VISIBLE_PX = 40
DEMO_SEED = 3_000_203
DEMO_FRAMES = 60
# Moments between two pictures: a PC that infers ten frames a second sees every third of them.
DEMO_STEP = 0.4
DEMO_FOLDER = Path(__file__).resolve().parents[2] / "assets" / "tracking"


class Crowd:
    """Objects of two classes on crossing ways; the look of each is its identity."""

    def __init__(self, seed: int, size: tuple[int, int], scale: float) -> None:
        rng = np.random.default_rng([seed, 0x7AC])
        self.room = Room(seed, *size)
        self.rng = rng
        classes = rng.choice(len(CLASSES), 2, replace=False)
        count = int(rng.integers(6, 10))
        self._ways = [
            {
                "cls": int(classes[k % 2]),
                "x": rng.uniform(0.25, 0.75),
                "near": rng.uniform(0.1, 0.8),
                "swing": rng.uniform(0.15, 0.4),
                "swing_near": rng.uniform(0.01, 0.06),
                "speed": rng.uniform(0.02, 0.05),
                "phase": rng.uniform(0, 2 * np.pi, 2),
                "yaw": rng.uniform(-np.pi, np.pi),
                "seed": int(rng.integers(2**31)),
            }
            for k in range(count)
        ]
        self._scale = scale
        self.identities = {way["seed"]: k + 1 for k, way in enumerate(self._ways)}

    def objects(self, t: float) -> list[Obj]:
        """The objects at frame `t`, back to front."""
        horizon = self.room.camera.horizon
        found = []
        for way in self._ways:
            x = way["x"] + way["swing"] * np.sin(way["speed"] * t + way["phase"][0])
            drift = way["swing_near"] * np.sin(0.7 * way["speed"] * t + way["phase"][1])
            near = float(np.clip(way["near"] + drift, 0.05, 1))
            share = {PALLET: 0.62, CRATE: 0.75}.get(way["cls"], 1.0)
            size = (0.14 + 0.38 * near) * share * self._scale
            y = horizon + (0.08 + 0.92 * near) * (1.02 - horizon)
            spin = (x - way["x"]) * 6 if way["cls"] == BALL else 0.0
            found.append(Obj(way["cls"], x, y, size, way["yaw"], 0.0, way["seed"], spin))
        return sorted(found, key=lambda one: one.y)

    def ids(self, objects: list[Obj]) -> np.ndarray:
        """Which object each pixel belongs to: its index plus 1."""
        ids = np.zeros((self.room.height, self.room.width), np.uint8)
        canvas = np.zeros((*ids.shape, 3), np.float32)
        for k, one in enumerate(objects, 1):
            paint_object(canvas, ids, one, k, self.room.camera)
        return ids


def box_of(mask: np.ndarray) -> list[int]:
    """Tight x1, y1, x2, y2 of a mask."""
    ys, xs = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return [int(xs[0]), int(ys[0]), int(xs[-1]) + 1, int(ys[-1]) + 1]


def spans_of(mask: np.ndarray) -> list[int]:
    """Row, first column and column after the last of each run of pixels."""
    spans: list[int] = []
    for y in np.flatnonzero(mask.any(1)):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], mask[y].astype(np.int8), [0]])))
        for k in range(0, len(edges), 2):
            spans += [int(y), int(edges[k]), int(edges[k + 1])]
    return spans


def detection(rng: np.random.Generator, mask: np.ndarray, box: list[int], hidden: float) -> dict | None:
    """What a model might find: a score that falls with what is hidden, a box that is off by some per cent."""
    score = float(np.clip(0.3 + 0.62 * (1 - hidden) + rng.normal(0, 0.08), 0.02, 0.97))
    height, width = mask.shape
    sides = [box[2] - box[0], box[3] - box[1]]
    noisy = [edge + rng.normal(0, 0.025) * sides[k % 2] for k, edge in enumerate(box)]
    noisy = [float(np.clip(edge, 0, width if k % 2 == 0 else height)) for k, edge in enumerate(noisy)]
    is_missed = score < 0.05 or rng.random() < 0.02
    if is_missed or noisy[2] - noisy[0] < 2 or noisy[3] - noisy[1] < 2:
        return None
    return {"score": score, "box": noisy, "spans": spans_of(mask)}


def packed(found: list[dict]) -> dict[str, object]:
    """Detections in the arrays that the tracker takes, best score first."""
    found.sort(key=lambda one: -one["score"])
    starts = np.cumsum([0] + [len(one["spans"]) // 3 for one in found])
    spans = np.array([value for one in found for value in one["spans"]], np.uint16)
    return {
        "boxes": [edge for one in found for edge in one["box"]],
        "scores": [one["score"] for one in found],
        "classIds": [one["cls"] for one in found],
        "spans": base64.b64encode(spans.tobytes()).decode(),
        "spanStarts": starts.tolist(),
    }


def make(kind: str, seed: int, out: Path) -> None:
    """One scene."""
    is_made = kind == "made"
    crowd = Crowd(seed, MADE_SIZE if is_made else PICTURE_SIZE, 0.6)
    out.mkdir(parents=True, exist_ok=True)
    truth, detections = [], []
    for t in range(FRAMES):
        objects = crowd.objects(t)
        ids = crowd.ids(objects)
        seen, found = [], []
        for k, one in enumerate(objects, 1):
            mask = ids == k
            if mask.sum() < LEAST_VISIBLE_PX:
                continue
            box = box_of(mask)
            seen.append([crowd.identities[one.seed], one.cls, *box])
            if not is_made:
                continue
            hidden = 1 - mask.sum() / crowd.room.silhouette(one).sum()
            hit = detection(crowd.rng, mask, box, float(hidden))
            if hit is not None:
                found.append({**hit, "cls": one.cls})
        truth.append(seen)
        detections.append(packed(found))
        if not is_made:
            crowd.room.objects = lambda _, now=objects: now
            rgb, _ = crowd.room.render(t)
            cv2.imwrite(str(out / f"{t:04d}.jpg"), rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 88])
    (out / "truth.json").write_text(json.dumps(truth))
    if is_made:
        (out / "detections.json").write_text(json.dumps(detections))


def make_demo(out: Path, seed: int) -> str:
    """The pictures of the demo and their COCO file, with who each object is."""
    crowd = Crowd(seed, PICTURE_SIZE, 0.6)
    file = CocoFile(out, ".", f"moving scene, seed {seed}; synthetic, exact masks and identities")
    width, height = PICTURE_SIZE
    for t in range(DEMO_FRAMES):
        objects = crowd.objects(t * DEMO_STEP)
        crowd.room.objects = lambda _, now=objects: now
        rgb, ids = crowd.room.render(t)
        image_id = file.add_picture(f"moment_{t:03d}.jpg", rgb, 80)
        for k, one in enumerate(objects, 1):
            mask = ids == k
            if mask.sum() < LEAST_VISIBLE_PX:
                continue
            x1, y1, x2, y2 = box_of(mask)
            file.add_instance(
                image_id,
                Instance(one.cls, mask),
                visible_fraction=round(float(mask.sum() / crowd.room.silhouette(one).sum()), 4),
                cut=x1 == 0 or y1 == 0 or x2 == width or y2 == height,
                track_id=crowd.identities[one.seed],
            )
    return file.save(out / "ground_truth.json")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=["made", "pictures", "demo"])
    parser.add_argument("out", type=Path, nargs="?", default=DEMO_FOLDER)
    parser.add_argument("seeds", type=int, nargs="*", default=[DEMO_SEED])
    args = parser.parse_args()
    if args.kind == "demo":
        print(make_demo(args.out, args.seeds[0]))
        return
    for seed in args.seeds:
        make(args.kind, seed, args.out / str(seed))


if __name__ == "__main__":
    main()
