"""Camera pictures to model inputs by EdgeFirst's Rust packages and by OpenCV; called by field/pictures.mjs.

    python pictures.py FOLDER NAME KIND WIDTH HEIGHT SIDE ROUNDS

FOLDER has NAME.KIND, `nv12` (packed, BT.601, limited range) or `jpeg`, of a picture whose letterbox is bars above and below.
What each way makes, three planes of float from 0 to 1, is left as NAME.WAY.f32. Prints {WAY: [milliseconds, ...]}: CPU time
of all threads, one value a round.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from edgefirst.codec import Tensor as JpegTensor
from edgefirst.image import ColorEncoding, Colorimetry, ColorRange, ImageProcessor, Interpolation, PixelFormat

GREY = 114
REPEATS = 10
"""Runs of a way in one measurement: a clock of CPU time is coarse on some machines."""

Way = Callable[[], np.ndarray]


def opencv_way(pixels: np.ndarray, kind: str, width: int, height: int, side: int) -> Way:
    content = round(side * height / width)
    planes = np.full((3, side, side), GREY / 255, np.float32)
    top = (side - content) // 2

    def run() -> np.ndarray:
        if kind == "jpeg":
            rgb = cv2.cvtColor(cv2.imdecode(pixels, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
        else:
            rgb = cv2.cvtColor(pixels.reshape(height * 3 // 2, width), cv2.COLOR_YUV2RGB_NV12)
        small = cv2.resize(rgb, (side, content), interpolation=cv2.INTER_LINEAR)
        floats = cv2.split(small.astype(np.float32) * np.float32(1 / 255))
        for plane, channel in zip(planes, floats, strict=True):
            plane[top : top + content] = channel
        return planes

    return run


def edgefirst_way(pixels: np.ndarray, kind: str, width: int, height: int, side: int) -> Way:
    processor = ImageProcessor(interpolation=Interpolation.Bilinear)
    destination = processor.create_image(side, side, PixelFormat.PlanarRgb, "float32")
    bars = (GREY, GREY, GREY, 255)
    if kind == "jpeg":
        source = JpegTensor.image(width, height, PixelFormat.Nv12)
        file = pixels.tobytes()
    else:
        source = processor.create_image(width, height, PixelFormat.Nv12)
        source.colorimetry = Colorimetry(encoding=ColorEncoding.Bt601, range=ColorRange.Limited)
        with source.map("write") as memory:
            np.frombuffer(memory, np.uint8)[:] = pixels

    def run() -> np.ndarray:
        if kind == "jpeg":
            source.decode_image(file)
        processor.convert(source, destination, letterbox=bars)
        with destination.map("read") as memory:
            return np.frombuffer(memory, np.float32)

    return run


def main() -> None:
    folder, name, kind = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    width, height, side, rounds = (int(word) for word in sys.argv[4:])
    cv2.setNumThreads(1)
    pixels = np.fromfile(folder / f"{name}.{kind}", np.uint8)
    times: dict[str, list[float]] = {}
    for way, make in {"EdgeFirst": edgefirst_way, "OpenCV": opencv_way}.items():
        run = make(pixels, kind, width, height, side)
        run().astype(np.float32).tofile(folder / f"{name}.{way}.f32")
        times[way] = []
        for _ in range(rounds):
            start = time.process_time()
            for _ in range(REPEATS):
                run()
            times[way].append((time.process_time() - start) * 1e3 / REPEATS)
    print(json.dumps(times))


if __name__ == "__main__":
    main()
