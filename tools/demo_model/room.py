"""What is around the objects: wall, floor, flat clutter, and the lens and sensor of the camera."""

from __future__ import annotations

import cv2
import numpy as np
from drawing import Colour, Rng, grey, hsv, smooth_noise, vivid
from painters import Camera


def background(rng: Rng, w: int, h: int, cam: Camera) -> np.ndarray:
    """Wall and floor with gradients, lines and flat clutter, float32 RGB."""
    img = np.empty((h, w, 3), np.float32)
    hz = int(np.clip(cam.horizon * h, 0, h))
    unit = min(w, h)
    ys = np.linspace(0, 1, h, dtype=np.float32)[:, None, None]
    img[:hz] = (
        grey(rng, 0.2, 0.9)
        if rng.random() < 0.6
        else hsv(rng.uniform(), rng.uniform(0.1, 0.5), rng.uniform(0.2, 0.8))
    )
    img[hz:] = (
        grey(rng, 0.15, 0.85)
        if rng.random() < 0.7
        else hsv(rng.uniform(), rng.uniform(0.1, 0.45), rng.uniform(0.2, 0.75))
    )
    flat = img.astype(np.uint8)

    def shade(colour: Colour) -> tuple[float, float, float]:
        return tuple(float(c) for c in np.clip(colour, 0, 255))  # type: ignore[return-value]

    # Wall: panel joints, posters, shelf beams, pipes.
    if hz > 8:
        if rng.random() < 0.6:
            step, tone = rng.uniform(0.1, 0.4) * unit, grey(rng)
            for x in np.arange(rng.uniform(0, step), w, step):
                cv2.line(flat, (int(x), 0), (int(x), hz), shade(tone), 1, cv2.LINE_AA)
        for _ in range(rng.integers(0, 5)):
            pw, ph = rng.uniform(0.05, 0.35, 2) * unit
            x, y = rng.uniform(-0.1, 1) * w, rng.uniform(-0.2, 0.8) * hz
            y2 = min(hz - 1, int(y + ph))
            cv2.rectangle(
                flat,
                (int(x), int(y)),
                (int(x + pw), y2),
                shade(vivid(rng) if rng.random() < 0.5 else grey(rng)),
                -1,
            )
        for _ in range(rng.integers(0, 4)):
            y, thick = rng.uniform(0.05, 0.95) * hz, max(1, int(rng.uniform(0.005, 0.03) * unit))
            cv2.line(
                flat,
                (0, int(y)),
                (w, int(y + rng.uniform(-0.03, 0.03) * unit)),
                shade(vivid(rng)),
                thick,
                cv2.LINE_AA,
            )
        for _ in range(rng.integers(0, 3)):
            x, thick = rng.uniform(0, 1) * w, max(2, int(rng.uniform(0.01, 0.05) * unit))
            tone = grey(rng)
            cv2.line(flat, (int(x), 0), (int(x), hz), shade(tone), thick, cv2.LINE_AA)
            cv2.line(flat, (int(x), 0), (int(x), hz), shade(tone * 1.25), max(1, thick // 3), cv2.LINE_AA)
    # Floor: joints towards a vanishing point, tape, stains, cables.
    floor = np.zeros_like(flat)
    floor[:] = flat
    if rng.random() < 0.6:
        vx, tone = rng.uniform(0.2, 0.8) * w, grey(rng)
        vy = hz - rng.uniform(0.1, 0.6) * h
        for x in np.linspace(-1.5 * w, 2.5 * w, int(rng.integers(6, 20))):
            cv2.line(floor, (int(vx), int(vy)), (int(x), int(h * 1.2)), shade(tone), 1, cv2.LINE_AA)
        gap = 0.04
        y = cam.horizon + gap
        while y < 1.0:
            cv2.line(floor, (0, int(y * h)), (w, int(y * h)), shade(tone), 1, cv2.LINE_AA)
            gap *= 1.35
            y += gap
    for _ in range(rng.integers(0, 4)):
        p, q = rng.uniform(-0.2, 1.2, 2) * w, rng.uniform(cam.horizon, 1.1, 2) * h
        tone = hsv(0.14, 0.9, 0.9) if rng.random() < 0.4 else vivid(rng)
        cv2.line(
            floor,
            (int(p[0]), int(q[0])),
            (int(p[1]), int(q[1])),
            shade(tone),
            max(1, int(rng.uniform(0.004, 0.035) * unit)),
            cv2.LINE_AA,
        )
    for _ in range(rng.integers(0, 5)):
        c = (int(rng.uniform(0, w)), int(rng.uniform(cam.horizon, 1) * h))
        ax = rng.uniform(0.02, 0.15) * unit
        cv2.ellipse(
            floor,
            c,
            (int(ax) + 1, int(ax * rng.uniform(0.2, 0.5)) + 1),
            0,
            0,
            360,
            shade(grey(rng)),
            -1,
            cv2.LINE_AA,
        )
    if rng.random() < 0.35:
        pts = np.stack(
            [
                np.linspace(0, w, 24),
                (rng.uniform(cam.horizon, 1) + 0.04 * np.cumsum(rng.normal(0, 1, 24))) * h,
            ],
            1,
        )
        cv2.polylines(
            floor,
            [pts.astype(np.int32)],
            False,
            shade(grey(rng, 0.02, 0.3)),
            max(1, int(0.008 * unit)),
            cv2.LINE_AA,
        )
    flat[hz:] = floor[hz:]

    img = flat.astype(np.float32)
    img[hz:] *= 0.75 + 0.5 * ((ys[hz:] - cam.horizon) / max(0.05, 1 - cam.horizon)) * rng.uniform(0.2, 1.0)
    img *= 1.0 + rng.uniform(-0.25, 0.25) * (ys - 0.5)
    img *= (1.0 + smooth_noise(rng, w, h, int(rng.integers(3, 8)), rng.uniform(0.03, 0.15)))[..., None]
    img *= (1.0 + smooth_noise(rng, w, h, int(rng.integers(24, 90)), rng.uniform(0.0, 0.07)))[..., None]
    return img


def lens(img: np.ndarray, rng: Rng, frame: int = 0) -> np.ndarray:
    """Light falloff, white balance, gamma, blur and sensor noise; returns uint8.

    `rng` fixes the optics; `frame` only varies the sensor noise.
    """
    h, w = img.shape[:2]
    unit = min(w, h)
    fx, fy = rng.uniform(0.2, 0.8) * w, rng.uniform(0.1, 0.7) * h
    xs = (np.arange(w, dtype=np.float32)[None] - fx) / max(w, h)
    ys = (np.arange(h, dtype=np.float32)[:, None] - fy) / max(w, h)
    gain = rng.uniform(0.65, 1.3) * (1.0 - rng.uniform(0.0, 0.7) * (xs * xs + ys * ys))
    img = img * gain[..., None]
    img *= rng.uniform(0.88, 1.12, 3).astype(np.float32)
    sigma = rng.uniform(0.35, 1.0) if rng.random() < 0.8 else rng.uniform(1.0, 2.0)
    sigma *= max(0.8, unit / 640)
    img = cv2.GaussianBlur(img, (0, 0), sigma)
    gamma = rng.uniform(0.8, 1.25)
    lut_in = np.clip(img, 0, 255).astype(np.uint8)
    img = np.asarray(
        cv2.LUT(lut_in, (255.0 * (np.arange(256) / 255.0) ** gamma).astype(np.float32)), np.float32
    )
    amp = rng.uniform(0.5, 6.0)
    sensor = np.random.default_rng([int(rng.integers(2**31)), frame])
    noise = sensor.standard_normal((h, w, 1), np.float32) + 0.5 * sensor.standard_normal(
        (h, w, 3), np.float32
    )
    img += noise * amp
    return np.clip(img + 0.5, 0, 255).astype(np.uint8)
