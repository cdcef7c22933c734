"""COCO polygons filled by pycocotools, for the polygon reader of the demo's evaluation.

    python tools/oracles/coco_polygons.py        # writes test/fixtures/coco/polygons.json

Needs numpy and pycocotools (versions in tools/demo_model/requirements.txt).
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from pycocotools import mask as coco_mask

OUT = Path(__file__).resolve().parents[2] / "test" / "fixtures" / "coco" / "polygons.json"


def star(rng: np.random.Generator, corners: int, size: tuple[int, int], spread: float) -> list[float]:
    """A closed outline round a random middle, with two decimals as COCO's files have them."""
    height, width = size
    angles = np.sort(rng.random(corners)) * 2 * np.pi
    radii = (0.2 + 0.8 * rng.random(corners)) * spread * min(height, width)
    xs = rng.random() * width + radii * np.cos(angles)
    ys = rng.random() * height + radii * np.sin(angles)
    return np.round(np.stack([xs, ys], 1).ravel(), 2).tolist()


def cases() -> list[tuple[str, tuple[int, int], list[list[float]]]]:
    """Name, [height, width] and polygons: plain shapes, odd ones, and random ones inside and over the border."""
    rng = np.random.default_rng(11)
    square = [10, 10, 30, 10, 30, 30, 10, 30]
    listed = [
        ("square", (40, 60), [square]),
        ("square the other way round", (40, 60), [square[::-1]]),
        ("closed by its first corner again", (40, 60), [square + square[:2]]),
        ("a corner twice", (40, 60), [[10, 10, 30, 10, 30, 10, 30, 30, 10, 30]]),
        ("halves of pixels", (40, 60), [[10.5, 10.5, 30.5, 10.5, 30.5, 30.5, 10.5, 30.5]]),
        ("the whole picture", (7, 9), [[0, 0, 9, 0, 9, 7, 0, 7]]),
        ("beyond every border", (7, 9), [[-50, -50, 60, -50, 60, 50, -50, 50]]),
        ("outside", (7, 9), [[20, 20, 30, 20, 30, 30]]),
        ("thinner than a pixel", (40, 60), [[3, 3, 50, 3.2, 50, 3.4, 3, 3.2]]),
        ("a line", (40, 60), [[3, 3, 50, 30, 3, 3]]),
        ("a point", (40, 60), [[3, 3, 3, 3, 3, 3]]),
        ("bow tie", (40, 60), [[5, 5, 50, 35, 50, 5, 5, 35]]),
        ("two parts", (40, 60), [square, [40, 5, 55, 5, 55, 20]]),
        ("two parts that overlap", (40, 60), [square, [20, 20, 50, 20, 50, 38, 20, 38]]),
        ("a part twice", (40, 60), [square, square]),
        ("negative corners", (40, 60), [[-3.3, -2.7, 20.1, -5.2, 14.9, 17.3, -8.4, 22.6]]),
    ]
    for index in range(40):
        size = (int(rng.integers(20, 130)), int(rng.integers(20, 130)))
        parts = [star(rng, int(rng.integers(3, 24)), size, float(rng.random())) for _ in range(1 + index % 3)]
        listed.append((f"random {index}", size, parts))
    return listed + far_cases(rng)


def far_cases(rng: np.random.Generator) -> list[tuple[str, tuple[int, int], list[list[float]]]]:
    """Outlines with corners as far outside of the picture as the reader takes them, whose edges cross it or pass by."""
    far = 100_000
    listed = [
        ("around all, far outside", (30, 40), [[-far, -far, far, -far, far, far, -far, far]]),
        ("steep edges from far above to far below", (30, 40), [[10, -far, 21, -far, 24, far, 13, far]]),
        ("flat edges from far left to far right", (30, 40), [[-far, 10, far, 13, far, 24, -far, 21]]),
        ("an upright line far up and down", (30, 40), [[12, -far, 12, far, 12, 0]]),
        ("slopes of nearly one", (30, 40), [[-far, 1 - far, far, far - 1, far, far, -far, 20 - far]]),
        ("far to one side", (30, 40), [[far, 0, far, 29, far - 1, 15]]),
        ("a needle to a far corner", (30, 40), [[5, 5, far, far - 7, 5, 9]]),
    ]
    for index in range(30):
        size = (int(rng.integers(5, 60)), int(rng.integers(5, 60)))
        parts = []
        for _ in range(1 + index % 2):
            corners = int(rng.integers(3, 9))
            reach = 10.0 ** rng.uniform(1, 5, (corners, 2))
            parts.append(np.round(rng.uniform(-1, 1, (corners, 2)) * reach, 2).ravel().tolist())
        listed.append((f"far {index}", size, parts))
    return listed


def main() -> None:
    """Write the fixture: COCO's text form of the union of each case."""
    found = []
    for name, (height, width), polygons in cases():
        merged = coco_mask.merge(coco_mask.frPyObjects(polygons, height, width))
        counts = merged["counts"].decode("ascii")
        found.append({"name": name, "size": [height, width], "polygons": polygons, "counts": counts})
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(found, separators=(",", ":")) + "\n")
    print(f"{OUT}: {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
