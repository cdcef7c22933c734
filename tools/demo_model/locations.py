"""Where the files of the demo model live in this repository."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).resolve().parent
ASSETS = HERE.parents[1] / "assets"
MODELS = ASSETS / "models"
EVALSET = ASSETS / "evalset"
SCENES = ASSETS / "scenes"
CHECKPOINT = HERE / "ckpt.pt"
MODEL = MODELS / "shapes-seg.onnx"
