"""Packs the demo model's golden tensors into test/fixtures/postprocess.

    python3 tools/oracles/postprocess_fixtures.py GOLDEN_320 test/fixtures/postprocess

GOLDEN_320 is a folder as the demo model's golden.py writes it (float32 outputs, the integer twin and the results
of its own numpy decoder). Each fixture is NAME.json (tensors, letterbox, expected result) and NAME.bin.gz (the
tensors one after the other, each as planes of its elements' bytes, lowest byte first).
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

import numpy as np

TYPES = {"float32": "f32", "int32": "s32", "int16": "s16"}
# Float tensors hardly compress, so only one picture keeps them.
FIXTURES = (("wide", False), ("wide", True), ("hd", True), ("portrait", True))


def pack(golden: Path, name: str, is_quantised: bool, out: Path) -> None:
    folder = golden / name
    source = folder / "quant" if is_quantised else folder
    tensors, chunks = [], []
    for index in range(10):
        values = np.load(source / f"output{index}.npy")
        scale = source / f"scale{index}.npy"
        tensors.append({
            "name": f"output{index}",
            "type": TYPES[values.dtype.name],
            "dims": list(values.shape),
            "scales": np.load(scale).astype(float).tolist() if scale.exists() else None,
        })
        # First bytes of all elements, then second bytes, ...: compresses a third better.
        planes = np.ascontiguousarray(values).view(np.uint8).reshape(values.size, values.itemsize).T
        chunks.append(np.ascontiguousarray(planes).tobytes())
    expected = json.loads((folder / ("expected_quant.json" if is_quantised else "expected.json")).read_text())
    detections = [
        {"class": d["class"], "score": d["score"], "box": d["box"], "counts": d["mask"]["counts"]}
        for d in expected["detections"]
    ]
    cells = None if is_quantised else json.loads((folder / "candidates.json").read_text())
    stem = f"{name}-{'int' if is_quantised else 'float'}"
    fixture = {
        "tensors": tensors,
        "source": expected["source"],
        "letterbox": expected["letterbox"],
        "options": {"conf": expected["conf"], "iou": expected["iou"]},
        "detections": detections,
        "candidates": cells,
    }
    (out / f"{stem}.json").write_text(json.dumps(fixture) + "\n")
    (out / f"{stem}.bin.gz").write_bytes(gzip.compress(b"".join(chunks), 9, mtime=0))


def main() -> None:
    golden, out = Path(sys.argv[1]), Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    for name, is_quantised in FIXTURES:
        pack(golden, name, is_quantised, out)


if __name__ == "__main__":
    main()
