"""Held-out evaluation with COCO average precision.

python evaluate.py run                       # assets/evalset with assets/models/shapes-seg.onnx
python evaluate.py make --out evalset        # draw the pictures and annotations anew
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import time
from pathlib import Path

import cv2
import numpy as np
import reference as ref
from coco_file import CocoFile, compressed_rle
from locations import EVALSET, MODEL
from painters import CLASSES
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from scenes import Instance, overlay, scene

FIRST_SEED = 1_000_000  # training seeds stay below
SIZES = ((640, 360, 40, 88), (1280, 720, 20, 80))  # width, height, pictures, JPEG quality


def make(out: Path) -> str:
    """Render the held-out pictures and their COCO annotations; returns a line of figures."""
    file = CocoFile(out, "images", "synthetic shapes, held-out scenes")
    seed = FIRST_SEED
    for width, height, count, quality in SIZES:
        for _ in range(count):
            rgb, instances = scene(seed, width, height)
            image_id = file.add_picture(f"{seed}_{width}x{height}.jpg", rgb, quality)
            for instance in instances:
                file.add_instance(image_id, instance)
            seed += 1
    return file.save(out / "annotations.json")


def ap(gt: COCO, results: list[dict[str, object]], kind: str) -> dict[str, object]:
    """COCO AP summary of one IoU kind, overall and per class."""
    with contextlib.redirect_stdout(io.StringIO()):
        run = COCOeval(gt, gt.loadRes(results), kind)
        run.evaluate()
        run.accumulate()
        run.summarize()
    per_class = {}
    for k, name in enumerate(CLASSES):
        values = run.eval["precision"][:, :, k, 0, 2]
        per_class[name] = round(float(values[values > -1].mean()), 4)
    keys = ("AP", "AP50", "AP75", "APs", "APm", "APl")
    return {
        **{k: round(float(v), 4) for k, v in zip(keys, run.stats[:6], strict=True)},
        "per_class": per_class,
    }


def run(data: Path, model: Path, conf: float, preview: Path | None) -> dict[str, object]:
    """Detect on every picture and measure box and mask AP."""
    with contextlib.redirect_stdout(io.StringIO()):
        gt = COCO(str(data / "annotations.json"))
    sess = ref.session(model)
    size = int(sess.get_inputs()[0].shape[2])
    results: list[dict[str, object]] = []
    boxes_too: list[dict[str, object]] = []
    tiles = []
    infer = decode = 0.0
    for image in gt.loadImgs(gt.getImgIds()):
        bgr = cv2.imread(str(data / "images" / image["file_name"]))
        if bgr is None:
            raise OSError(f"cannot read {image['file_name']} in {data / 'images'}")
        rgb = np.ascontiguousarray(bgr[..., ::-1])
        boxed, frame = ref.prepare(rgb, size)
        t0 = time.perf_counter()
        outputs = sess.run(None, {"images": ref.to_tensor(boxed)})
        t1 = time.perf_counter()
        if len(outputs) == 10:
            found = ref.detect_seed(outputs, frame, conf)
        else:
            found = ref.detect_stock(outputs[0], outputs[1], len(CLASSES), frame, conf)
        infer, decode = infer + t1 - t0, decode + time.perf_counter() - t1
        for d in found:
            head = {"image_id": image["id"], "category_id": d.cls + 1, "score": d.score}
            x1, y1, x2, y2 = d.box
            boxes_too.append({**head, "bbox": [x1, y1, x2 - x1, y2 - y1]})
            results.append({**head, "segmentation": compressed_rle(d.mask)})
        if preview is not None and (image["id"] <= 9 or 41 <= image["id"] <= 43):
            shown = overlay(rgb, [Instance(d.cls, d.mask) for d in found if d.score >= 0.25 and d.mask.any()])
            tiles.append(cv2.resize(shown, (640, 360), interpolation=cv2.INTER_AREA))
    if preview is not None:
        cv2.imwrite(
            str(preview),
            np.concatenate([np.concatenate(tiles[r : r + 3], 1) for r in range(0, 12, 3)], 0)[..., ::-1],
        )
    n = len(gt.getImgIds())
    return {
        "model": model.name,
        "input": size,
        "conf": conf,
        "nms_iou": 0.7,
        "pictures": n,
        "instances": len(gt.getAnnIds()),
        "box": ap(gt, boxes_too, "bbox"),
        "mask": ap(gt, results, "segm"),
        "ms_inference": round(infer / n * 1000, 1),
        "ms_numpy_decode": round(decode / n * 1000, 1),
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser()
    sub = parser.add_subparsers(dest="command", required=True)
    m = sub.add_parser("make")
    m.add_argument("--out", type=Path, default=EVALSET)
    r = sub.add_parser("run")
    r.add_argument("--set", dest="data", type=Path, default=EVALSET)
    r.add_argument("--model", type=Path, default=MODEL)
    r.add_argument("--conf", type=float, default=0.001)
    r.add_argument("--preview", type=Path)
    r.add_argument("--out", type=Path)
    args = parser.parse_args()
    if args.command == "make":
        print(make(args.out))
        return
    report = run(args.data, args.model, args.conf, args.preview)
    text = json.dumps(report, indent=1)
    if args.out:
        args.out.write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    main()
