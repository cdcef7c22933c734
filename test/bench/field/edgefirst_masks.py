"""Post-processing by EdgeFirst's Rust packages on the scenes of postprocess/sceneFiles.mjs; called by field/postprocess.mjs.

    python edgefirst_masks.py FOLDER REPEATS 0|1 raw|stock

1 prints the detections; `stock` takes each scene's stock export, `NAME.rows.f32` [1, 4 + classes + coefficients, cells] and
`NAME.proto.f32` [1, coefficients, height, width], in place of its raw heads. Prints JSON as postprocess_numpy.py does:
milliseconds of CPU time of all threads, since masks are made in several. Their boxes are of the model's input, 0 to 1; a mask
is a picture of 0 and 255 over its box in source pixels.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np
from edgefirst.decoder import Decoder, DimName, Nms, Output, Tensor
from edgefirst.image import ImageProcessor, MaskResolution

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from postprocess_numpy import describe, read_scenes

ROLES = {"scores": 2, "boxes": 3, "mask_coefs": 4}
"""Their names of a level's heads, and where read_scenes has them."""


def declare(kind: str, dim: str, shape: tuple[int, ...], **more: object) -> dict:
    """One float output as their schema has it."""
    names = ["batch", "height", "width", dim]
    return {
        "name": f"{kind}_{shape[1]}",
        "type": kind,
        "shape": list(shape),
        "dshape": [{name: size} for name, size in zip(names, shape, strict=True)],
        "dtype": "float32",
        "quantization": {"scale": 1.0, "zero_point": 0, "dtype": "float32"},
        **more,
    }


def model_of(scene: dict) -> tuple[dict, list[Tensor]]:
    """The schema of the raw heads, and the outputs in its order."""
    shapes = {"scores": "num_classes", "boxes": "num_features", "mask_coefs": "num_features"}
    extra = {
        "scores": {"score_format": "per_class"},
        "boxes": {"encoding": "dfl", "normalized": True},
        "mask_coefs": {},
    }
    cells = sum(len(level[2]) for level in scene["levels"])
    outputs, tensors = [], []
    for kind, dim in shapes.items():
        children = []
        for index, level in enumerate(scene["levels"]):
            step, width = level[:2]
            head = level[ROLES[kind]]
            grid = head.reshape(1, len(head) // width, width, -1)
            activation = {"activation_required": "sigmoid"} if kind == "scores" else {}
            children.append(declare(kind, dim, grid.shape, stride=step, scale_index=index, **activation))
            tensors.append(tensor(grid))
        count = 4 if kind == "boxes" else children[0]["shape"][3]
        first = "box_coords" if kind == "boxes" else dim
        outputs.append({
            "name": kind,
            "type": kind,
            "shape": [1, count, cells],
            "dshape": [{"batch": 1}, {first: count}, {"num_boxes": cells}],
            "decoder": "ultralytics",
            "outputs": children,
            **extra[kind],
        })
    proto = scene["proto"][None]
    outputs.append(declare("protos", "num_protos", proto.shape, stride=scene["cell_px"]))
    height, width = (size * scene["cell_px"] for size in proto.shape[1:3])
    picture = {
        "shape": [1, height, width, 3],
        "dshape": [{"batch": 1}, {"height": height}, {"width": width}, {"num_features": 3}],
        "cameraadaptor": "rgb",
    }
    schema = {"schema_version": 2, "decoder_version": "yolov8", "nms": "class_aware"}
    return {**schema, "input": picture, "outputs": outputs}, [*tensors, tensor(proto)]


def stock_of(scene: dict, folder: Path) -> tuple[list[Output], list[Tensor]]:
    """The same of the stock export."""
    height, width, coefs = scene["proto"].shape
    cells = sum(len(level[2]) for level in scene["levels"])
    features = 4 + scene["levels"][0][2].shape[1] + coefs
    rows = np.fromfile(folder / f"{scene['name']}.rows.f32", np.float32).reshape(1, features, cells)
    proto = np.fromfile(folder / f"{scene['name']}.proto.f32", np.float32).reshape(1, coefs, height, width)
    sizes = [(DimName.Batch, 1), (DimName.NumFeatures, features), (DimName.NumBoxes, cells)]
    grid = [(DimName.Batch, 1), (DimName.NumProtos, coefs), (DimName.Height, height), (DimName.Width, width)]
    outputs = [Output.detection(dshape=sizes).with_normalized(False), Output.protos(dshape=grid)]
    return outputs, [tensor(rows), tensor(proto)]


def tensor(values: np.ndarray) -> Tensor:
    made = Tensor(list(values.shape), "float32")
    made.from_numpy(np.ascontiguousarray(values))
    return made


class Contestant:
    """One scene, decoded as often as asked."""

    def __init__(self, scene: dict, processor: ImageProcessor, stock: Path | None) -> None:
        self.scene = scene
        self.processor = processor
        height, width = (size * scene["cell_px"] for size in scene["proto"].shape[:2])
        dims = (width, height)
        self.size = np.array(dims * 2, np.float32)
        if stock is None:
            schema, self.tensors = model_of(scene)
            self.decoder = Decoder(schema, scene["score"], scene["iou"], input_dims=dims)
        else:
            outputs, self.tensors = stock_of(scene, stock)
            self.decoder = Decoder.new_from_outputs(
                outputs, scene["score"], scene["iou"], Nms.ClassAware, input_dims=dims
            )
        self.decoder.pre_nms_top_k = scene["max_candidates"]
        self.decoder.max_det = scene["max_detections"]
        left, top = (float(pad / size) for pad, size in zip(scene["pad"], dims, strict=True))
        self.region = (left, top, 1 - left, 1 - top)
        self.resolution = MaskResolution.Scaled(scene["width"], scene["height"])
        self.times: dict[str, list[float]] = {"scanMs": [], "masksMs": [], "totalMs": []}

    def run(self) -> tuple:
        start = time.process_time()
        boxes, scores, classes, proto = self.decoder.decode_proto(self.tensors)
        decoded = time.process_time()
        masks = self.processor.materialize_masks(boxes, scores, classes, proto, self.region, self.resolution)
        end = time.process_time()
        self.times["scanMs"].append((decoded - start) * 1e3)
        self.times["masksMs"].append((end - decoded) * 1e3)
        self.times["totalMs"].append((end - start) * 1e3)
        return boxes, scores, classes, masks

    def detections(self) -> list[dict]:
        """In source pixels, best score first."""
        boxes, scores, classes, masks = self.run()
        order = np.argsort(-scores, kind="stable")
        pad, gain = np.tile(self.scene["pad"], 2), np.tile(self.scene["gain"], 2)
        limits = np.array([self.scene["width"], self.scene["height"]] * 2, np.float32)
        source = np.clip((boxes[order] * self.size - pad) / gain, 0, limits)
        starts = np.ceil(source[:, :2] - np.float32(0.5)).astype(int)
        shapes = [
            (int(x), int(y), masks[index][..., 0] > 127) for (x, y), index in zip(starts, order, strict=True)
        ]
        return describe(source, scores[order], classes[order], shapes)


def main() -> None:
    folder, repeats, with_detections = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "1"
    stock = {"raw": None, "stock": folder}[sys.argv[4]]
    processor = ImageProcessor()
    contestants = [Contestant(scene, processor, stock) for scene in read_scenes(folder)]
    # The first run of a scene allocates what the others use.
    found = [contestant.detections() for contestant in contestants]
    for contestant in contestants:
        contestant.times = {name: [] for name in contestant.times}
    for _ in range(repeats):
        for contestant in contestants:
            contestant.run()
    print(json.dumps([
        {
            "name": contestant.scene["name"],
            "objectCount": len(detections),
            "nmsMs": 0,
            **{name: statistics.median(values) for name, values in contestant.times.items()},
            "detections": [
                {**one, "classId": int(one["classId"])} for one in detections
            ] if with_detections else [],
        }
        for contestant, detections in zip(contestants, found, strict=True)
    ]))


if __name__ == "__main__":
    main()
