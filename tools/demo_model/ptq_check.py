"""How the model bears int8: onnxruntime static PTQ, then the same evaluation.

    python ptq_check.py            # writes temporary files only; prints AP

This takes the place of the RDK toolchain (which is not run here): per-channel int8
weights, per-tensor int8 activations, min-max calibration on 48 training scenes.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import numpy as np
import onnx
import reference as ref
from evaluate import run
from locations import EVALSET, MODEL
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process
from scenes import scene


class Scenes(CalibrationDataReader):
    """Letterboxed training scenes, one at a time."""

    def __init__(self, count: int, size: int) -> None:
        self.left, self.size = count, size

    def get_next(self) -> dict[str, np.ndarray] | None:
        """The next input, None after the last."""
        if self.left == 0:
            return None
        self.left -= 1
        boxed, _ = ref.prepare(scene(self.left, 640, 360)[0], self.size)
        return {"images": ref.to_tensor(boxed)}


def main() -> None:
    """Quantise, evaluate, print."""
    with tempfile.TemporaryDirectory() as folder:
        plain, target = Path(folder) / "plain.onnx", Path(folder) / "int8.onnx"
        # Per-channel QDQ needs opset 13; the graph itself is the same.
        onnx.save(onnx.version_converter.convert_version(onnx.load(str(MODEL)), 13), str(plain))
        quant_pre_process(str(plain), str(plain), skip_symbolic_shape=True)
        heads = [n.name for n in onnx.load(str(plain)).graph.node if n.op_type == "Transpose"]
        quantize_static(
            str(plain),
            str(target),
            Scenes(48, 640),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QInt8,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=heads,
            calibrate_method=CalibrationMethod.MinMax,
            extra_options={"ActivationSymmetric": True, "WeightSymmetric": True},
        )
        report = run(EVALSET, target, 0.001, None)
    report["model"] = f"{MODEL.name}, int8 by onnxruntime"
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
