"""A package with the public shape of Ultralytics that exports names and shapes as JSON."""

import json
import os
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from torch import from_numpy

from .nn.modules.head import STEPS, VARIANT, Detect, Segment

__version__ = "8.0.0"
stock_forward = Segment.forward


class YOLO:
    def __init__(self, path):
        self.path = Path(path)
        if VARIANT == "torn":
            raise TypeError("not a loadable checkpoint\nRecommended fixes are to download it again")
        head = Detect() if VARIANT == "detection" else Segment()
        self.model = SimpleNamespace(model=[head])

    def export(self, format, opset, imgsz, simplify):
        if VARIANT == "no-export":
            raise ImportError("No module named 'exporter'")
        height, width = imgsz
        features = [
            from_numpy(np.zeros((1, 5 + level, height // step, width // step), np.float32))
            for level, step in enumerate(STEPS)
        ]
        outputs = self.model.model[-1](features)
        target = self.path.with_suffix(".onnx")
        target.write_text(json.dumps([[f"raw{at}", list(tensor.shape)] for at, tensor in enumerate(outputs)]))
        return str(target)


if os.environ.get("STUB_HEAD_REPORT"):
    import atexit

    atexit.register(lambda: print("forward restored:", Segment.forward is stock_forward))
