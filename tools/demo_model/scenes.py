"""Synthetic warehouse camera scenes with pixel-exact instance masks.

Everything is drawn procedurally (no photographs, no third-party assets), so the pictures, the masks and a
model trained on them carry no outside licence.

    rgb, instances = scene(seed=7, width=640, height=360)
    for rgb, instances in video(seed=7, n=120, width=1280, height=720): ...

The same (seed, width, height) always gives the same pixels for a given numpy and OpenCV version. A scene is
a list of `Obj` placed on a floor, seen by an orthographic camera with a downward pitch, and painted back to
front. An id map records which object owns each pixel; that map is where the masks come from.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from drawing import Rng, hsv
from painters import BALL, CLASSES, CRATE, EXTENT, PALLET, Camera, Obj, paint_object
from room import background, lens

MIN_VISIBLE_PX = 30.0  # at a 320 px short side; smaller slivers get no label


@dataclass(frozen=True)
class Instance:
    """A labelled object: its class and its visible pixels."""

    cls: int
    mask: np.ndarray  # bool [height, width]

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Tight x1, y1, x2, y2 of the mask (x2 and y2 exclusive)."""
        ys, xs = np.flatnonzero(self.mask.any(1)), np.flatnonzero(self.mask.any(0))
        return int(xs[0]), int(ys[0]), int(xs[-1]) + 1, int(ys[-1]) + 1


def _class_size(cls: int) -> float:
    """Flat and broad objects are drawn smaller, so that all kinds cover similar areas."""
    return 0.62 if cls == PALLET else 0.75 if cls == CRATE else 1.0


def _place(rng: Rng, w: int, h: int, cam: Camera, zoom: float) -> list[Obj]:
    """Objects with limited overlap, sorted back to front."""
    unit = min(w, h)
    objects: list[Obj] = []
    rects: list[tuple[float, float, float, float]] = []
    wanted = int(rng.integers(1, 9)) if rng.random() > 0.03 else 0
    for _ in range(wanted * 4):
        if len(objects) >= wanted:
            break
        cls = int(rng.integers(len(CLASSES)))
        near = rng.uniform() ** 1.3
        size = (0.10 + 0.42 * near) * rng.uniform(0.8, 1.25) * zoom
        size *= _class_size(cls)
        y = cam.horizon + (0.06 + 0.94 * near) * (1.06 - cam.horizon) + rng.uniform(-0.08, 0.08)
        obj = Obj(
            cls,
            rng.uniform(-0.04, 1.04),
            y,
            size,
            rng.uniform(-np.pi, np.pi),
            rng.normal(0, 0.05),
            int(rng.integers(2**31)),
        )
        half, above, below = (e * size * unit * 0.75 for e in EXTENT[cls])
        rect = (obj.x * w - half, obj.y * h - above, obj.x * w + half, obj.y * h + below)
        area = (rect[2] - rect[0]) * (rect[3] - rect[1])
        clash = False
        for o in rects:
            ix = min(rect[2], o[2]) - max(rect[0], o[0])
            iy = min(rect[3], o[3]) - max(rect[1], o[1])
            if ix > 0 and iy > 0 and ix * iy > 0.45 * min(area, (o[2] - o[0]) * (o[3] - o[1])):
                clash = True
        if not clash:
            objects.append(obj)
            rects.append(rect)
    return sorted(objects, key=lambda o: o.y)


def _camera(rng: Rng) -> Camera:
    horizon = rng.uniform(0.12, 0.5) if rng.random() < 0.85 else -0.05
    return Camera(horizon, rng.uniform(0.2, 0.6), rng.uniform(-1, 1))


def _compose(
    behind: np.ndarray, objects: list[Obj], cam: Camera, lens_seed: int, frame: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Paint the objects on a copy of the background; RGB uint8 and the id map."""
    img = behind.copy()
    ids = np.zeros(img.shape[:2], np.uint8)
    for k, obj in enumerate(objects, 1):
        paint_object(img, ids, obj, k, cam)
    return lens(img, np.random.default_rng(lens_seed), frame), ids


def visible(objects: list[Obj], ids: np.ndarray) -> list[int]:
    """Indices (from 0) of the objects whose visible part deserves a label."""
    counts = np.bincount(ids.ravel(), minlength=len(objects) + 1)
    least = MIN_VISIBLE_PX * (min(ids.shape) / 320.0) ** 2
    return [k for k in range(len(objects)) if counts[k + 1] >= least]


def scene_ids(seed: int, width: int, height: int) -> tuple[np.ndarray, np.ndarray, list[int]]:
    """Compact form for training: RGB, id map (0 = background), class of id k + 1."""
    rng = np.random.default_rng([seed, 0x5CE7E])
    cam = _camera(rng)
    zoom = float(np.exp(rng.uniform(np.log(0.7), np.log(1.5))))
    objects = _place(rng, width, height, cam, zoom)
    behind = background(np.random.default_rng([seed, 1]), width, height, cam)
    rgb, ids = _compose(behind, objects, cam, int(rng.integers(2**31)))
    keep = visible(objects, ids)
    remap = np.zeros(256, np.uint8)
    for new, old in enumerate(keep, 1):
        remap[old + 1] = new
    return rgb, remap[ids], [objects[k].cls for k in keep]


def scene(seed: int, width: int = 640, height: int = 360) -> tuple[np.ndarray, list[Instance]]:
    """One labelled camera picture: RGB uint8 and its instances, back to front."""
    rgb, ids, classes = scene_ids(seed, width, height)
    return rgb, [Instance(cls, ids == k) for k, cls in enumerate(classes, 1)]


@dataclass(frozen=True)
class _Track:
    """How one object of a video moves: sines about a resting place."""

    cls: int
    x: float
    near: float
    swing_x: float
    swing_near: float
    speed: float  # radians a frame
    phase: np.ndarray  # [3]
    yaw: float
    seed: int


class Room:
    """One room with moving objects; `render(t)` draws the moment `t` without those before it."""

    def __init__(self, seed: int, width: int, height: int) -> None:
        rng = np.random.default_rng([seed, 0x71DE0])
        self.width, self.height = width, height
        self.camera = Camera(rng.uniform(0.2, 0.35), rng.uniform(0.3, 0.5), rng.uniform(-1, 1))
        self._behind = background(np.random.default_rng([seed, 1]), width, height, self.camera)
        self._lens_seed = int(rng.integers(2**31))
        count = int(rng.integers(5, 8))
        self._tracks = []
        for k in range(count):
            cls = k % len(CLASSES)
            swing = rng.uniform(0.15, 0.4) if cls == BALL else rng.uniform(0.02, 0.12)
            self._tracks.append(
                _Track(
                    cls,
                    (k + 0.5) / count + rng.uniform(-0.06, 0.06),
                    rng.uniform(0.15, 0.9),
                    swing,
                    rng.uniform(0.01, 0.06),
                    rng.uniform(0.012, 0.03),
                    rng.uniform(0, 2 * np.pi, 3),
                    rng.uniform(-np.pi, np.pi),
                    int(rng.integers(2**31)),
                )
            )

    def objects(self, t: int) -> list[Obj]:
        """The objects at frame `t`, back to front."""
        objects = []
        for k in self._tracks:
            x = k.x + k.swing_x * np.sin(k.speed * t + k.phase[0])
            near = float(np.clip(k.near + k.swing_near * np.sin(0.7 * k.speed * t + k.phase[1]), 0.05, 1.0))
            size = (0.14 + 0.38 * near) * _class_size(k.cls)
            y = self.camera.horizon + (0.08 + 0.92 * near) * (1.02 - self.camera.horizon)
            turn = k.yaw + 0.3 * np.sin(0.5 * k.speed * t + k.phase[2])
            spin = (x - k.x) * self.width / (0.33 * size * min(self.width, self.height))
            objects.append(Obj(k.cls, x, y, size, turn, 0.0, k.seed, spin))
        return sorted(objects, key=lambda o: o.y)

    def render(self, t: int) -> tuple[np.ndarray, np.ndarray]:
        """RGB uint8 and the id map (index in `objects(t)` plus 1) of frame `t`."""
        return _compose(self._behind, self.objects(t), self.camera, self._lens_seed, frame=t)

    def silhouette(self, obj: Obj) -> np.ndarray:
        """Every pixel of the frame the object would own if nothing stood before it, as bool."""
        ids = np.zeros((self.height, self.width), np.uint8)
        paint_object(np.zeros((self.height, self.width, 3), np.float32), ids, obj, 1, self.camera)
        return ids > 0


def video(
    seed: int, n: int, width: int = 1280, height: int = 720, step: int = 1
) -> Iterator[tuple[np.ndarray, list[Instance]]]:
    """n frames of one room, `step` moments apart: balls roll, the rest glides and turns, smoothly."""
    room = Room(seed, width, height)
    for t in range(0, n * step, step):
        objects = room.objects(t)
        rgb, ids = room.render(t)
        yield rgb, [Instance(objects[k].cls, ids == k + 1) for k in visible(objects, ids)]


def letterbox(rgb: np.ndarray, size: int = 640, fill: int = 114) -> tuple[np.ndarray, float, int, int]:
    """Fit into a square, keeping the aspect: picture, scale, left and top pad."""
    h, w = rgb.shape[:2]
    scale = min(size / w, size / h)
    nw, nh = round(w * scale), round(h * scale)
    left, top = (size - nw) // 2, (size - nh) // 2
    out = np.full((size, size, 3), fill, np.uint8)
    resized = rgb if (nw, nh) == (w, h) else cv2.resize(rgb, (nw, nh), interpolation=cv2.INTER_LINEAR)
    out[top : top + nh, left : left + nw] = resized
    return out, scale, left, top


def overlay(rgb: np.ndarray, instances: list[Instance]) -> np.ndarray:
    """A picture with tinted masks and boxes, for looking at the data."""
    out = rgb.copy()
    for inst in instances:
        tint = hsv(inst.cls / len(CLASSES), 0.9, 1.0)
        out[inst.mask] = (0.55 * out[inst.mask] + 0.45 * tint).astype(np.uint8)
        x1, y1, x2, y2 = inst.box
        cv2.rectangle(out, (x1, y1), (x2 - 1, y2 - 1), tuple(float(c) for c in tint), 1)
        cv2.putText(
            out,
            CLASSES[inst.cls],
            (x1, max(10, y1 - 3)),
            cv2.FONT_HERSHEY_SIMPLEX,
            0.4,
            (255, 255, 255),
            1,
            cv2.LINE_AA,
        )
    return out


def main() -> None:
    """Draw a sheet of labelled scenes, to look at."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("out", type=Path, nargs="?", default=Path("scenes.png"))
    parser.add_argument("--first-seed", type=int, default=0)
    args = parser.parse_args()
    tiles = [overlay(*scene(args.first_seed + k, 640, 360)) for k in range(12)]
    rows = [np.concatenate(tiles[r : r + 3], 1) for r in range(0, 12, 3)]
    cv2.imwrite(str(args.out), np.concatenate(rows, 0)[..., ::-1])


if __name__ == "__main__":
    main()
