"""Independent expectations for the native letterbox and colour conversion.

    pip install opencv-python-headless==5.0.0.93 numpy==2.4.6
    python tools/oracles/letterbox.py test/fixtures/letterbox

Writes cases.json and one .bin per case. OpenCV resizes the planes and numpy computes colours, both in float64;
results are rounded half up to bytes. Nothing here shares code with the product; the sources are integer formulas
that test/native/pictures.ts repeats. Content sizes and offsets are written out by hand.
"""

import json
import pathlib
import sys

import cv2
import numpy as np


def wave(width, height, step_x, step_y, phase):
    """Triangle waves: smooth, so that filters differ only where they should."""
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    return np.abs((x * step_x + y * step_y + phase) % 510 - 255).astype(np.uint8)


def noise(width, height, seed):
    x, y = np.meshgrid(np.arange(width, dtype=np.uint32), np.arange(height, dtype=np.uint32))
    mixed = (x * np.uint32(73856093)) ^ (y * np.uint32(19349663)) ^ np.uint32(seed * 83492791 & 0xFFFFFFFF)
    return ((mixed ^ (mixed >> np.uint32(13))) * np.uint32(1274126177) >> np.uint32(24)).astype(np.uint8)


def picture(kind, width, height):
    """Y [H, W] and UV [H/2, W/2, 2] of a source."""
    half = (width // 2, height // 2)
    if kind == "noise":
        return noise(width, height, 1), np.dstack([noise(*half, 2), noise(*half, 3)])
    y = wave(width, height, 1, 2, 30)
    return y, np.dstack([wave(*half, 2, 1, 200), wave(*half, 1, 3, 90)])


def rounded(values):
    return np.clip(np.floor(values + 0.5), 0, 255).astype(np.uint8)


def resize(plane, width, height, method):
    interpolation = {"linear": cv2.INTER_LINEAR, "area": cv2.INTER_AREA}[method]
    return rounded(cv2.resize(plane.astype(np.float64), (width, height), interpolation=interpolation))


def yuv_to_rgb(y, uv, value_range):
    """BT.601, one chroma pair per 2x2 pixels; [H, W, 3] in 0..1."""
    luma = y.astype(np.float64)
    chroma = np.repeat(np.repeat(uv.astype(np.float64) - 128, 2, axis=0), 2, axis=1)
    if value_range == "limited":
        luma, chroma = (luma - 16) * 255 / 219, chroma * 255 / 224
    u, v = chroma[..., 0], chroma[..., 1]
    red, blue = luma + 1.402 * v, luma + 1.772 * u
    green = (luma - 0.299 * red - 0.114 * blue) / 0.587
    return np.clip(np.dstack([red, green, blue]), 0, 255) / 255


def rgb_to_yuv(rgb, value_range):
    pixels = rgb.astype(np.float64)
    red, green, blue = pixels[..., 0], pixels[..., 1], pixels[..., 2]
    y = 0.299 * red + 0.587 * green + 0.114 * blue
    chroma = np.dstack([(blue - y) / 1.772, (red - y) / 1.402])
    chroma = chroma.reshape(chroma.shape[0] // 2, 2, chroma.shape[1] // 2, 2, 2).mean(axis=(1, 3))
    if value_range == "limited":
        y, chroma = 16 + y * 219 / 255, chroma * 224 / 255
    return rounded(y), rounded(chroma + 128)


# name, picture, source, model, content x y width height, filter, oracle method, keep every nth row of a plane
LETTERBOXES = [
    ("tiny-up", "wave", (2, 2), (32, 32), (0, 0, 32, 32), "bilinear", "linear", 1),
    ("vga-down", "wave", (640, 360), (96, 96), (0, 20, 96, 54), "bilinear", "linear", 1),
    ("hd-third-point", "noise", (1920, 1080), (640, 640), (0, 140, 640, 360), "bilinear", "linear", 30),
    ("540p", "wave", (960, 544), (160, 96), (0, 2, 160, 92), "bilinear", "linear", 1),
    ("portrait", "wave", (360, 640), (96, 96), (20, 0, 54, 96), "bilinear", "linear", 1),
    ("up", "wave", (64, 48), (160, 160), (0, 20, 160, 120), "bilinear", "linear", 1),
    ("up-uneven", "noise", (500, 376), (640, 640), (0, 78, 640, 482), "bilinear", "linear", 60),
    ("svga", "wave", (800, 600), (640, 640), (0, 80, 640, 480), "bilinear", "linear", 60),
    ("xga", "noise", (1024, 768), (640, 640), (0, 80, 640, 480), "bilinear", "linear", 60),
    ("720p-half", "wave", (1280, 720), (640, 640), (0, 140, 640, 360), "bilinear", "linear", 60),
    ("half", "noise", (320, 192), (160, 160), (0, 32, 160, 96), "box", "area", 1),
    ("hd-third-box", "noise", (1920, 1080), (640, 640), (0, 140, 640, 360), "box", "area", 30),
    ("hd-quarter-box", "noise", (1920, 1088), (480, 480), (0, 104, 480, 272), "box", "area", 30),
    ("sixth-box", "noise", (384, 240), (64, 64), (0, 12, 64, 40), "box", "area", 1),
    ("uneven-box", "noise", (640, 360), (96, 96), (0, 20, 96, 54), "box", "area", 1),
    ("portrait-uneven-box", "noise", (362, 642), (96, 96), (20, 0, 54, 96), "box", "area", 1),
    ("uxga-box", "noise", (1600, 1200), (640, 640), (0, 80, 640, 480), "box", "area", 60),
    ("wxga-box", "noise", (1366, 768), (640, 640), (0, 140, 640, 360), "box", "area", 60),
]


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    cases = {"letterbox": [], "colour": [], "preview": [], "rgbToNv12": []}
    for name, kind, source, model, (pad_x, pad_y, width, height), filter_name, method, row_step in LETTERBOXES:
        y, uv = picture(kind, *source)
        y = resize(y, width, height, method)
        uv = resize(uv, width // 2, height // 2, method)
        (folder / f"{name}.bin").write_bytes(y[::row_step].tobytes() + uv[::row_step].tobytes())
        cases["letterbox"].append(
            dict(name=name, picture=kind, source=source, model=model, filter=filter_name, rowStep=row_step,
                 content=dict(padXPx=pad_x, padYPx=pad_y, contentWidthPx=width, contentHeightPx=height)))
    for value_range in ("full", "limited"):
        name = f"colour-{value_range}"
        rgb = yuv_to_rgb(*picture("noise", 64, 48), value_range)
        (folder / f"{name}.bin").write_bytes(rounded(rgb * 255).transpose(2, 0, 1).tobytes())
        cases["colour"].append(dict(name=name, picture="noise", source=(64, 48), model=(64, 64), yuvRange=value_range))

        name = f"preview-{value_range}"
        y, uv = picture("wave", 640, 360)
        rgb = yuv_to_rgb(resize(y, 80, 44, "area"), resize(uv, 40, 22, "area"), value_range)
        (folder / f"{name}.bin").write_bytes(rounded(rgb * 255).tobytes())
        cases["preview"].append(dict(name=name, picture="wave", source=(640, 360), preview=(80, 44), yuvRange=value_range))

        name = f"rgb-{value_range}"
        rgb = np.dstack([noise(64, 48, 4), wave(64, 48, 3, 5, 0), wave(64, 48, 7, 2, 40)])
        y, uv = rgb_to_yuv(rgb, value_range)
        (folder / f"{name}.bin").write_bytes(y.tobytes() + uv.tobytes())
        cases["rgbToNv12"].append(dict(name=name, size=(64, 48), yuvRange=value_range))
    (folder / "cases.json").write_text(json.dumps(cases, indent=1) + "\n")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
