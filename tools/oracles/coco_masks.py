"""COCO masks by pycocotools, for the run-length reader of the demo's evaluation.

    python tools/oracles/coco_masks.py        # writes test/fixtures/coco/masks.json

Needs numpy and pycocotools (versions in tools/demo_model/requirements.txt).
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from pycocotools import mask as coco_mask

OUT = Path(__file__).resolve().parents[2] / "test" / "fixtures" / "coco" / "masks.json"


def masks() -> dict[str, np.ndarray]:
    """Masks [height, width] that exercise the coding: empty, full, speckled, and blobs with long runs."""
    rng = np.random.default_rng(5)
    ys, xs = np.mgrid[0:90, 0:160]
    return {
        "empty": np.zeros((5, 7), bool),
        "full": np.ones((5, 7), bool),
        "first pixel": np.arange(35).reshape(5, 7) == 0,
        "last pixel": np.arange(35).reshape(5, 7) == 34,
        "speckle": rng.random((17, 33)) < 0.4,
        "disc": (xs - 60) ** 2 + (ys - 40) ** 2 < 35**2,
        "ring": np.abs(np.hypot(xs - 70, ys - 45) - 30) < 8,
        "stripes": (xs % 9 < 4) & (ys > 20),
    }


def runs_of_rows(mask: np.ndarray) -> list[list[int]]:
    """[y, x1, x2] of every run of pixels in a row."""
    found = []
    for y, row in enumerate(mask):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], row.astype(np.int8), [0]])))
        found += [[y, int(a), int(b)] for a, b in edges.reshape(-1, 2)]
    return found


def main() -> None:
    """Write the fixture."""
    cases = []
    coded = {}
    for name, mask in masks().items():
        packed = coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))
        decoded = coco_mask.decode(packed).astype(bool)
        coded[name] = packed
        cases.append(
            {
                "name": name,
                "size": list(mask.shape),
                "counts": packed["counts"].decode("ascii"),
                "spans": runs_of_rows(decoded),
            }
        )
    blobs = ("disc", "ring", "stripes")
    iou = coco_mask.iou([coded[a] for a in blobs], [coded[b] for b in blobs], [0] * len(blobs))
    document = {"masks": cases, "iou": {"names": blobs, "values": np.round(iou, 12).tolist()}}
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(document, separators=(",", ":")) + "\n")
    print(f"{OUT}: {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
