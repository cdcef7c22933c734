"""Drawing in the generator's world: colours, patches with coverage, and the projection of solids.

Object units are 3D (x right, y away, z up); frame units are pixels with centres at +0.5.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

cv2.setNumThreads(1)

Rng = np.random.Generator
Colour = np.ndarray  # float32 RGB, 0..255


def hsv(h: float, s: float, v: float) -> Colour:
    """RGB (0..255) of a hue in turns, a saturation and a value in 0..1."""
    k = (np.array([5.0, 3.0, 1.0]) + (h % 1.0) * 6.0) % 6.0
    return (255.0 * v * (1.0 - s * np.clip(np.minimum(k, 4.0 - k), 0.0, 1.0))).astype(np.float32)


def vivid(rng: Rng) -> Colour:
    """A random saturated colour."""
    return hsv(rng.uniform(), rng.uniform(0.45, 0.95), rng.uniform(0.35, 0.95))


def wood(rng: Rng) -> Colour:
    """A random tone of bare wood."""
    return hsv(rng.uniform(0.06, 0.12), rng.uniform(0.25, 0.6), rng.uniform(0.45, 0.85))


def grey(rng: Rng, lo: float = 0.1, hi: float = 0.9) -> Colour:
    """A random, nearly colourless tone with a brightness of lo..hi."""
    return hsv(rng.uniform(), rng.uniform(0.0, 0.15), rng.uniform(lo, hi))


def smooth_noise(rng: Rng, w: int, h: int, cells: int, amp: float) -> np.ndarray:
    """Low-frequency float32 noise field [h, w] with about `cells` cells a side."""
    grid = rng.normal(0.0, amp, (max(2, cells), max(2, cells))).astype(np.float32)
    return cv2.resize(grid, (w, h), interpolation=cv2.INTER_CUBIC)


class Layer:
    """A colour patch with coverage, limited to the part inside the frame."""

    def __init__(self, x0: int, y0: int, x1: int, y1: int) -> None:
        self.x0, self.y0, self.w, self.h = x0, y0, x1 - x0, y1 - y0
        self.rgb = np.zeros((self.h, self.w, 3), np.uint8)
        self.cover = np.zeros((self.h, self.w), np.uint8)
        self.shade: np.ndarray | None = None

    def _fixed(self, pts: np.ndarray) -> np.ndarray:
        """Frame coordinates to OpenCV fixed point (4 fractional bits)."""
        return np.round((pts - (self.x0 + 0.5, self.y0 + 0.5)) * 16.0).astype(np.int32)

    def poly(self, pts: np.ndarray, colour: Colour, solid: bool = True) -> None:
        """Fill a polygon; `solid` ones also extend the silhouette."""
        fixed = self._fixed(pts)
        rgb = tuple(float(c) for c in np.clip(colour, 0, 255))
        cv2.fillPoly(self.rgb, [fixed], rgb, cv2.LINE_AA, 4)
        if solid:
            cv2.fillPoly(self.cover, [fixed], 255, cv2.LINE_AA, 4)

    def line(self, pts: np.ndarray, colour: Colour, width: float) -> None:
        """Draw an open line inside the silhouette drawn so far."""
        rgb = tuple(float(c) for c in np.clip(colour, 0, 255))
        cv2.polylines(self.rgb, [self._fixed(pts)], False, rgb, max(1, round(width)), cv2.LINE_AA, 4)

    def grid(self) -> tuple[np.ndarray, np.ndarray]:
        """Frame coordinates of the pixel centres: x [1, w] and y [h, 1]."""
        xs = np.arange(self.w, dtype=np.float32)[None] + (self.x0 + 0.5)
        ys = np.arange(self.h, dtype=np.float32)[:, None] + (self.y0 + 0.5)
        return xs, ys


@dataclass(frozen=True)
class Pose:
    """Maps an object's own 3D units (x right, y away, z up) to frame pixels."""

    px: float
    py: float
    scale: float
    yaw: float
    roll: float
    pitch: float

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """Frame pixels [n, 2] of points [n, 3] in object units."""
        p = np.atleast_2d(np.asarray(points, np.float64))
        c, s = np.cos(self.yaw), np.sin(self.yaw)
        right, away = p[:, 0] * c - p[:, 1] * s, p[:, 0] * s + p[:, 1] * c
        down = -p[:, 2] * np.cos(self.pitch) - away * np.sin(self.pitch)
        cr, sr = np.cos(self.roll), np.sin(self.roll)
        xy = np.stack([right * cr - down * sr, right * sr + down * cr], 1)
        return xy * self.scale + (self.px, self.py)

    def local(self, layer: Layer) -> tuple[np.ndarray, np.ndarray]:
        """Per-pixel unrolled screen coordinates (right, up) in object units."""
        xs, ys = layer.grid()
        dx, dy = (xs - self.px) / self.scale, (ys - self.py) / self.scale
        cr, sr = np.cos(self.roll), np.sin(self.roll)
        return dx * cr + dy * sr, dx * sr - dy * cr


def ring(r: float, z: float, a0: float = 0.0, a1: float = 2 * np.pi, n: int = 32) -> np.ndarray:
    """Points on a horizontal circle of radius r at height z."""
    a = np.linspace(a0, a1, n)
    return np.stack([r * np.cos(a), r * np.sin(a), np.full(n, z)], 1)


def band(r0: float, z0: float, r1: float, z1: float) -> np.ndarray:
    """The front of a truncated cone between two heights, as a closed outline."""
    return np.concatenate([ring(r0, z0, np.pi, 2 * np.pi), ring(r1, z1, np.pi, 2 * np.pi)[::-1]])


def quad(
    origin: np.ndarray, u: np.ndarray, v: np.ndarray, rect: tuple[float, float, float, float]
) -> np.ndarray:
    """A rectangle (u0, v0, u1, v1) on the face origin + u*U + v*V."""
    u0, v0, u1, v1 = rect
    return np.stack([origin + a * u + b * v for a, b in ((u0, v0), (u1, v0), (u1, v1), (u0, v1))])


@dataclass(frozen=True)
class Face:
    """A visible box face with its brightness and its in-face axes."""

    origin: np.ndarray
    u: np.ndarray
    v: np.ndarray
    light: float
    long_side: bool  # True for the two faces that run along x


def box_faces(w: float, d: float, h: float, pose: Pose, light: float) -> list[Face]:
    """Visible vertical faces of a box standing on z = 0, then its top."""
    faces: list[Face] = []
    corners = np.array([[-w, -d, 0], [w, -d, 0], [w, d, 0], [-w, d, 0]], np.float64) / 2
    up = np.array([0.0, 0.0, h])
    for i in range(4):
        a, b = corners[i], corners[(i + 1) % 4]
        normal = np.array([b[1] - a[1], a[0] - b[0]])
        normal = normal / np.linalg.norm(normal)
        c, s = np.cos(pose.yaw), np.sin(pose.yaw)
        right, away = normal[0] * c - normal[1] * s, normal[0] * s + normal[1] * c
        if away < -1e-3:
            faces.append(Face(a, b - a, up, 0.66 - 0.16 * away + 0.2 * light * right, i % 2 == 0))
    top = Face(corners[0] + up, corners[1] - corners[0], corners[3] - corners[0], 1.08, True)
    return [*faces, top]
