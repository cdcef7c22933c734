"""Writing labelled pictures as JPEG files with COCO annotations."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
from painters import CLASSES
from pycocotools import mask as coco_mask
from scenes import Instance


def compressed_rle(mask: np.ndarray) -> dict[str, object]:
    """A bool mask [height, width] in COCO's compressed run-length form."""
    packed = coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))
    return {"size": list(mask.shape), "counts": packed["counts"].decode("ascii")}


class CocoFile:
    """Collects pictures in `<folder>/<picture_dir>` and what is known of their instances."""

    def __init__(self, folder: Path, picture_dir: str, description: str) -> None:
        self._pictures = folder / picture_dir
        self._pictures.mkdir(parents=True, exist_ok=True)
        self._info = {"description": description, "license": "Apache-2.0"}
        self._images: list[dict[str, object]] = []
        self._annotations: list[dict[str, object]] = []

    def add_picture(self, name: str, rgb: np.ndarray, quality: int) -> int:
        """Writes an RGB uint8 picture as JPEG; returns its image id."""
        path = self._pictures / name
        if not cv2.imwrite(str(path), rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality]):
            raise OSError(f"cannot write {path}")
        image_id = len(self._images) + 1
        height, width = rgb.shape[:2]
        self._images.append({"id": image_id, "file_name": name, "width": width, "height": height})
        return image_id

    def add_instance(self, image_id: int, instance: Instance, **more: object) -> None:
        """Adds one instance with its exact mask; `more` becomes extra keys of the annotation."""
        x1, y1, x2, y2 = instance.box
        self._annotations.append(
            {
                "id": len(self._annotations) + 1,
                "image_id": image_id,
                "category_id": instance.cls + 1,
                "iscrowd": 0,
                "area": int(instance.mask.sum()),
                "bbox": [x1, y1, x2 - x1, y2 - y1],
                **more,
                "segmentation": compressed_rle(instance.mask),
            }
        )

    def save(self, path: Path) -> str:
        """Writes the JSON file; returns a line of figures."""
        document = {
            "info": self._info,
            "images": self._images,
            "annotations": self._annotations,
            "categories": [{"id": i + 1, "name": name} for i, name in enumerate(CLASSES)],
        }
        path.write_text(json.dumps(document))
        total = sum((self._pictures / str(image["file_name"])).stat().st_size for image in self._images)
        return f"{len(self._images)} pictures, {len(self._annotations)} instances, {total / 1e6:.2f} MB"
