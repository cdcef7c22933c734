"""Ways to turn the coefficients of one object into a mask at source size; every one keeps to the object's box."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np


@dataclass(frozen=True)
class Object:
    """What a mask is made of: logits on the prototype grid, boxes, and where source pixels lie on the grid."""

    logits: np.ndarray
    box_image: np.ndarray
    box_model: np.ndarray
    cell_px: float
    grid_x: np.ndarray
    grid_y: np.ndarray

    def window(self) -> tuple[slice, slice]:
        """Rows and columns of the source pixels whose centre is in the box: low edges in, high edges out."""
        x1, y1, x2, y2 = np.ceil(self.box_image - 0.5).astype(int)
        return slice(y1, y2), slice(x1, x2)


def grid_positions(size_px: int, gain: float, pad_px: float, cell_px: float, cells: int) -> np.ndarray:
    """Position of each source pixel's centre on the grid, where whole numbers are the centres of grid cells."""
    return np.clip(((np.arange(size_px) + 0.5) * gain + pad_px) / cell_px - 0.5, 0, cells - 1)


def bilinear(field: np.ndarray, at_y: np.ndarray, at_x: np.ndarray) -> np.ndarray:
    y1, x1 = np.floor(at_y).astype(int), np.floor(at_x).astype(int)
    y2, x2 = np.minimum(y1 + 1, field.shape[0] - 1), np.minimum(x1 + 1, field.shape[1] - 1)
    wy, wx = (at_y - y1)[:, None], at_x - x1
    rows = field[y1] * (1 - wy) + field[y2] * wy
    return rows[:, x1] * (1 - wx) + rows[:, x2] * wx


def in_box(item: Object, sample: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> np.ndarray:
    """A full mask from `sample`(grid y, grid x), which is asked for the pixels of the box only."""
    mask = np.zeros((len(item.grid_y), len(item.grid_x)), np.uint8)
    rows, columns = item.window()
    if rows.stop > rows.start and columns.stop > columns.start:
        mask[rows, columns] = sample(item.grid_y[rows], item.grid_x[columns])
    return mask


def logits_above(item: Object, threshold: float) -> np.ndarray:
    return in_box(item, lambda y, x: bilinear(item.logits, y, x) > threshold)


def grid_above(item: Object, threshold: float) -> np.ndarray:
    """The grid cut at 0 first, then upsampled as numbers 0 and 1."""
    binary = (item.logits > 0).astype(float)
    return in_box(item, lambda y, x: bilinear(binary, y, x) > threshold)


def nearest(item: Object) -> np.ndarray:
    binary = item.logits > 0
    return in_box(item, lambda y, x: binary[np.ix_(np.rint(y).astype(int), np.rint(x).astype(int))])


def lanczos_bytes(item: Object) -> np.ndarray:
    """Lanczos on 0 and 1 in bytes, at our sampling positions, then the opening."""
    binary = (item.logits > 0).astype(np.uint8)

    def sample(y: np.ndarray, x: np.ndarray) -> np.ndarray:
        at_x, at_y = np.meshgrid(x.astype(np.float32), y.astype(np.float32))
        return opened(cv2.remap(binary, at_x, at_y, cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE))

    return in_box(item, sample)


def lanczos_crop(item: Object) -> np.ndarray:
    """The peer's recipe as a whole: the grid cut at 0.5, cropped to whole cells, stretched over a whole-pixel box."""
    mask = np.zeros((len(item.grid_y), len(item.grid_x)), np.uint8)
    # Kept at 0: a negative start of a slice would wrap, as the peer's does.
    x1, y1, x2, y2 = np.maximum(item.box_model / item.cell_px, 0).astype(int)
    crop = (item.logits[y1:y2, x1:x2] > 0.5).astype(np.uint8)
    left, top, right, bottom = item.box_image.astype(int)
    if crop.size > 0 and right > left and bottom > top:
        crop = cv2.resize(crop, (right - left, bottom - top), interpolation=cv2.INTER_LANCZOS4)
        mask[top:bottom, left:right] = opened(crop)
    return mask


def opened(mask: np.ndarray) -> np.ndarray:
    return cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8)) == 1


WAYS: dict[str, Callable[[Object], np.ndarray]] = {
    "(a) logits upsampled, cut at 0: numpy": lambda item: logits_above(item, 0),
    "(b) logits upsampled, cut at 0.5": lambda item: logits_above(item, 0.5),
    "(c) grid cut at 0, upsampled, cut at 0.5": lambda item: grid_above(item, 0.5),
    "(c') grid cut at 0, upsampled, cut at 0": lambda item: grid_above(item, 0),
    "(d) grid cut at 0, nearest": nearest,
    "(e) grid cut at 0, Lanczos on bytes, opened 5x5": lanczos_bytes,
    "(e') the peer's whole recipe: cut at 0.5, whole-cell crop, Lanczos, opened": lanczos_crop,
}
