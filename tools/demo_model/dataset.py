"""Training pictures: rendered once into memory-mapped files, then cut and varied into batches."""

from __future__ import annotations

import contextlib
import itertools
import json
import math
import queue
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from scenes import scene_ids
from torch import Tensor


@dataclass(frozen=True)
class Pool:
    """Pre-rendered pictures of one size and how a batch is cut from them."""

    name: str
    first_seed: int  # training seeds stay below 1 000 000; evaluation starts there
    count: int
    width: int
    height: int
    out: tuple[int, int]  # network input height, width
    batch: int  # pictures per step of one worker
    weight: int  # batches per cycle
    zoom: tuple[float, float]  # random scale applied on top of the fit


POOLS = (
    Pool("square384", 0, 4000, 384, 384, (320, 320), 10, 6, (0.65, 1.9)),
    Pool("wide640", 100_000, 900, 640, 360, (384, 640), 4, 3, (0.8, 1.35)),
    Pool("square512", 200_000, 400, 512, 512, (512, 512), 4, 1, (0.8, 1.6)),
)


# Close views for the stride 32 branch (see `branch_heads` in train.py).
NEAR_POOLS = (
    Pool("near512", 300_000, 900, 512, 512, (640, 640), 4, 3, (0.8, 2.6)),
    Pool("nearwide", 350_000, 300, 640, 360, (384, 640), 6, 1, (0.8, 2.2)),
    Pool("near320", 400_000, 600, 384, 384, (320, 320), 14, 1, (0.7, 2.2)),
)
NEAR_SIDE = 144.0  # px; objects at least this large train the stride 32 branch


def _render_chunk(job: tuple[str, int, int, int, int, int]) -> list[list[int]]:
    """Render pictures [lo, hi) of a pool into its memory-mapped files."""
    path, first_seed, lo, hi, w, h = job
    rgb = np.lib.format.open_memmap(f"{path}.rgb.npy", mode="r+")
    ids = np.lib.format.open_memmap(f"{path}.ids.npy", mode="r+")
    classes = []
    for k in range(lo, hi):
        rgb[k], ids[k], cls = scene_ids(first_seed + k, w, h)
        classes.append(cls)
    return classes


def render(out: Path, pools: tuple[Pool, ...]) -> None:
    """Pre-render the pools with two processes."""
    out.mkdir(parents=True, exist_ok=True)
    for pool in pools:
        start = time.perf_counter()
        path = str(out / pool.name)
        shape = (pool.count, pool.height, pool.width)
        np.lib.format.open_memmap(f"{path}.rgb.npy", "w+", np.uint8, (*shape, 3))
        np.lib.format.open_memmap(f"{path}.ids.npy", "w+", np.uint8, shape)
        edges = np.linspace(0, pool.count, 17).astype(int)
        jobs = [
            (path, pool.first_seed, int(a), int(b), pool.width, pool.height)
            for a, b in itertools.pairwise(edges)
        ]
        with ProcessPoolExecutor(2) as workers:
            classes = [c for chunk in workers.map(_render_chunk, jobs) for c in chunk]
        Path(f"{path}.classes.json").write_text(json.dumps(classes))
        print(f"{pool.name}: {pool.count} pictures in {time.perf_counter() - start:.0f} s", flush=True)


@dataclass
class Batch:
    """Network input and its labels; boxes and classes are padded per picture."""

    images: Tensor  # uint8 [b, 3, h, w]
    ids: Tensor  # uint8 [b, h, w], 0 = background, k + 1 = label k
    boxes: Tensor  # float32 [b, m, 4] x1 y1 x2 y2 in input pixels
    classes: Tensor  # int64 [b, m]
    valid: Tensor  # bool [b, m]


class Source:
    """Endless stream of augmented batches, cycling through the pools."""

    def __init__(self, data: Path, seed: int, pools: tuple[Pool, ...] = POOLS) -> None:
        self.rng = np.random.default_rng(seed)
        self.pools = []
        for pool in pools:
            path = str(data / pool.name)
            classes = json.loads(Path(f"{path}.classes.json").read_text())
            self.pools.append(
                (
                    pool,
                    np.load(f"{path}.rgb.npy", mmap_mode="r"),
                    np.load(f"{path}.ids.npy", mmap_mode="r"),
                    classes,
                )
            )

    def _augment(self, pool: Pool, rgb: np.ndarray, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        rng = self.rng
        oh, ow = pool.out
        if rng.random() < 0.15:
            scale, dx, dy = min(ow / pool.width, oh / pool.height), 0.0, 0.0  # plain letterbox
        else:
            scale = min(ow / pool.width, oh / pool.height) * math.exp(rng.uniform(*np.log(pool.zoom)))
            dx, dy = (
                rng.uniform(-0.5, 0.5) * abs(o - n * scale) for o, n in ((ow, pool.width), (oh, pool.height))
            )
        flip = -1.0 if rng.random() < 0.5 else 1.0
        # Pixel centres sit at +0.5, hence the -0.5 terms.
        mat = np.array(
            [
                [flip * scale, 0, ow / 2 + dx - 0.5 - flip * scale * (pool.width / 2 - 0.5)],
                [0, scale, oh / 2 + dy - 0.5 - scale * (pool.height / 2 - 0.5)],
            ]
        )
        rgb = cv2.warpAffine(rgb, mat, (ow, oh), flags=cv2.INTER_LINEAR, borderValue=(114, 114, 114))
        ids = cv2.warpAffine(ids, mat, (ow, oh), flags=cv2.INTER_NEAREST, borderValue=0)
        ramp = np.arange(256) / 255.0
        gain, gamma, lift = rng.uniform(0.75, 1.3), rng.uniform(0.75, 1.35), rng.uniform(-0.06, 0.06)
        tint = rng.uniform(0.9, 1.1, 3)
        lut = np.clip((ramp[:, None] ** gamma * gain * tint + lift) * 255.0, 0, 255).astype(np.uint8)
        rgb = cv2.LUT(rgb, lut[None])
        if rng.random() < 0.08:
            rgb = np.repeat(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)[..., None], 3, 2)
        elif rng.random() < 0.15:
            rgb = np.ascontiguousarray(rgb[..., rng.permutation(3)])
        return rgb, ids

    def batch(self, index: int) -> Batch:
        """The batch number `index` of the cycle, from freshly drawn pictures."""
        weights = np.cumsum([p[0].weight for p in self.pools])
        which = int(np.searchsorted(weights, index % weights[-1], side="right"))
        pool, rgbs, idss, classes = self.pools[which]
        oh, ow = pool.out
        images = np.empty((pool.batch, oh, ow, 3), np.uint8)
        labels = np.empty((pool.batch, oh, ow), np.uint8)
        found: list[list[tuple[int, tuple[float, ...]]]] = []
        for b, k in enumerate(self.rng.choice(pool.count, pool.batch, replace=False)):
            images[b], ids = self._augment(pool, rgbs[k], idss[k])
            remap = np.zeros(256, np.uint8)
            items: list[tuple[int, tuple[float, ...]]] = []
            for i, cls in enumerate(classes[k], 1):
                mask = ids == i
                cols, rows = np.flatnonzero(mask.any(0)), np.flatnonzero(mask.any(1))
                if len(cols) < 4 or len(rows) < 4:
                    continue
                items.append((cls, (cols[0], rows[0], cols[-1] + 1, rows[-1] + 1)))
                remap[i] = len(items)
            labels[b] = remap[ids]
            found.append(items)
        m = max(1, max(len(f) for f in found))
        boxes = np.zeros((pool.batch, m, 4), np.float32)
        cls_ids = np.zeros((pool.batch, m), np.int64)
        valid = np.zeros((pool.batch, m), bool)
        for b, items in enumerate(found):
            for i, (cls, box) in enumerate(items):
                boxes[b, i], cls_ids[b, i], valid[b, i] = box, cls, True
        image_t = torch.from_numpy(images).permute(0, 3, 1, 2)
        return Batch(
            image_t,
            torch.from_numpy(labels),
            torch.from_numpy(boxes),
            torch.from_numpy(cls_ids),
            torch.from_numpy(valid),
        )

    def stream(self) -> Iterator[Batch]:
        """Batches prepared by a background thread, which ends with the iterator."""
        ready: queue.Queue[Batch] = queue.Queue(4)
        stop = threading.Event()

        def fill() -> None:
            index = 0
            while not stop.is_set():
                batch = self.batch(index)
                index += 1
                while not stop.is_set():
                    with contextlib.suppress(queue.Full):
                        ready.put(batch, timeout=0.2)
                        break

        thread = threading.Thread(target=fill, daemon=True)
        thread.start()
        try:
            while True:
                yield ready.get()
        finally:
            stop.set()
            thread.join()
