"""The five kinds of objects: their look, their place in a frame, and the pixels they own."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from drawing import (
    Colour,
    Face,
    Layer,
    Pose,
    Rng,
    band,
    box_faces,
    grey,
    hsv,
    quad,
    ring,
    smooth_noise,
    vivid,
    wood,
)

CLASSES: tuple[str, ...] = ("ball", "crate", "cone", "barrel", "pallet")
BALL, CRATE, CONE, BARREL, PALLET = range(len(CLASSES))


@dataclass(frozen=True)
class Obj:
    """One object; `x`, `y` locate the middle of its footprint in the frame."""

    cls: int
    x: float  # fraction of the frame width
    y: float  # fraction of the frame height (1 = bottom edge)
    size: float  # nominal height in short frame sides
    yaw: float  # rotation about the vertical axis, radians
    roll: float  # rotation in the image plane, radians
    seed: int  # look: proportions, colours, stripes
    spin: float = 0.0  # rolling angle, used by balls in videos


@dataclass(frozen=True)
class Camera:
    """Camera and room parameters shared by all objects of a scene."""

    horizon: float  # wall/floor border, fraction of the height
    pitch: float  # downward tilt, radians
    light: float  # horizontal light direction, -1 (left) .. 1 (right)


def _paint_ball(layer: Layer, pose: Pose, rng: Rng, light: float, spin: float) -> None:
    r = rng.uniform(0.26, 0.40)
    centre = Pose(pose.px, pose.py - r * pose.scale, pose.scale, 0.0, 0.0, 0.0)
    a = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    rim = np.stack([centre.px + r * pose.scale * np.cos(a), centre.py + r * pose.scale * np.sin(a)], 1)
    base, second = vivid(rng), (grey(rng, 0.8, 1.0) if rng.random() < 0.5 else vivid(rng))
    layer.poly(rim, base)
    right, up = centre.local(layer)
    nx, nz = np.broadcast_arrays(right / r, up / r)
    front = np.sqrt(np.clip(1.0 - nx * nx - nz * nz, 0.0, 1.0))
    # Surface pattern: plain, one band, or beach-ball segments on a rotated sphere.
    axis = rng.normal(size=3)
    axis /= np.linalg.norm(axis)
    side = np.cross(axis, rng.normal(size=3))
    side /= np.linalg.norm(side)
    third = np.cross(axis, side)
    c, s = np.cos(spin), np.sin(spin)
    roll = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])  # rolling about the view axis
    ax, sd, th = (roll @ v for v in (axis, side, third))
    lat = nx * ax[0] + front * ax[1] + nz * ax[2]
    kind = rng.integers(3)
    if kind == 1:
        layer.rgb[np.abs(lat) < rng.uniform(0.15, 0.35)] = second
    elif kind == 2:
        lon = np.arctan2(nx * sd[0] + front * sd[1] + nz * sd[2], nx * th[0] + front * th[1] + nz * th[2])
        layer.rgb[np.floor(lon / (np.pi / 3)).astype(np.int32) % 2 == 0] = second
    diffuse = np.clip(0.45 * front + 0.55 * nz + 0.5 * light * nx, 0.0, 1.0)
    gloss = np.clip(0.5 * front + 0.65 * nz + 0.55 * light * nx, 0.0, 1.0) ** 24 * rng.uniform(0.0, 0.9)
    layer.shade = 0.42 + 0.75 * diffuse + gloss


def _paint_crate(layer: Layer, pose: Pose, rng: Rng, light: float) -> None:
    w, d, h = rng.uniform(0.8, 1.4), rng.uniform(0.7, 1.1), rng.uniform(0.6, 1.0)
    style = rng.integers(3)  # 0 planks, 1 plastic tote, 2 carton
    base = wood(rng) if style != 1 and rng.random() < 0.7 else vivid(rng)
    planks, brace, inset = int(rng.integers(3, 6)), rng.random() < 0.5, rng.uniform(0.06, 0.12)
    thin = pose.scale * 0.014
    for face in box_faces(w, d, h, pose, light):
        colour, dark, lite = base * face.light, base * face.light * 0.6, base * face.light * 1.15
        is_top = face.light > 1.0
        layer.poly(pose(quad(face.origin, face.u, face.v, (0, 0, 1, 1))), colour)

        def part(rect: tuple[float, float, float, float], tint: Colour, face: Face = face) -> None:
            layer.poly(pose(quad(face.origin, face.u, face.v, rect)), tint, solid=False)

        if style == 0:
            for k in range(1, planks):
                ends = [face.origin + face.v * (k / planks), face.origin + face.u + face.v * (k / planks)]
                layer.line(pose(np.stack(ends)), dark, thin)
            if not is_top:
                for rect in ((0, 0, inset, 1), (1 - inset, 0, 1, 1), (0, 0, 1, inset), (0, 1 - inset, 1, 1)):
                    part(rect, lite)
                if brace:
                    diag = np.stack(
                        [
                            face.origin + face.u * inset + face.v * inset,
                            face.origin + (face.u + face.v) * (1 - inset),
                        ]
                    )
                    layer.line(pose(diag), lite, pose.scale * 0.06)
        elif style == 1:
            if is_top:
                part((0.06, 0.08, 0.94, 0.92), base * 0.35)  # open tote
            else:
                part((0, 0.86, 1, 1), lite)
                part((0.36, 0.62, 0.64, 0.76), base * 0.25)  # handle
                for k in range(1, planks + 1):
                    u = k / (planks + 1)
                    ends = [
                        face.origin + face.u * u + face.v * 0.05,
                        face.origin + face.u * u + face.v * 0.55,
                    ]
                    layer.line(pose(np.stack(ends)), dark, thin)
        elif is_top:
            part((0, 0.42, 1, 0.58), lite)  # packing tape
        else:
            part((0.42, 0.72, 0.58, 1.0), lite)
            if face.long_side:
                part((0.08, 0.12, 0.36, 0.42), np.full(3, 225.0 * face.light, np.float32))  # label


def _paint_cone(layer: Layer, pose: Pose, rng: Rng, light: float) -> None:
    colour = (
        hsv(rng.uniform(0.0, 0.1), rng.uniform(0.75, 1.0), rng.uniform(0.7, 1.0))
        if rng.random() < 0.6
        else vivid(rng)
    )
    plate, r0, r1 = rng.uniform(0.52, 0.66), rng.uniform(0.19, 0.24), rng.uniform(0.03, 0.05)
    t, h = 0.05, rng.uniform(0.85, 1.0)
    plate_colour = colour if rng.random() < 0.5 else grey(rng, 0.08, 0.3)
    for face in box_faces(plate, plate, t, pose, light):
        layer.poly(pose(quad(face.origin, face.u, face.v, (0, 0, 1, 1))), plate_colour * face.light * 0.9)
    axis = replace(pose, yaw=0.0)  # a solid of revolution: yaw changes nothing
    mask_before = layer.cover.copy()
    layer.cover[:] = 0
    hull = cv2.convexHull(np.concatenate([axis(ring(r0, t)), axis(ring(r1, h))]).astype(np.float32))[:, 0]
    layer.poly(hull, colour)
    white = grey(rng, 0.8, 1.0)
    for z0, z1 in (((0.35, 0.55),), ((0.28, 0.44), (0.58, 0.74)), ())[int(rng.integers(3))]:
        z0, z1 = t + z0 * (h - t), t + z1 * (h - t)
        ra, rb = (r0 + (r1 - r0) * (z - t) / (h - t) for z in (z0, z1))
        layer.poly(axis(band(ra, z0, rb, z1)), white, solid=False)
    layer.poly(axis(ring(r1, h)), colour * 0.45, solid=False)
    right, up = axis.local(layer)
    radius = np.maximum(r0 + (r1 - r0) * (up / np.cos(pose.pitch) - t) / (h - t), r1)
    nx = np.clip(right / radius, -1.0, 1.0)
    body = 0.5 + 0.45 * np.sqrt(1.0 - nx * nx) + 0.3 * light * nx
    layer.shade = np.where(layer.cover > 0, body, 1.0)
    np.maximum(layer.cover, mask_before, out=layer.cover)


def _paint_barrel(layer: Layer, pose: Pose, rng: Rng, light: float) -> None:
    pose = replace(pose, yaw=0.0)
    r, h = rng.uniform(0.30, 0.38), rng.uniform(0.85, 1.05)
    base = vivid(rng) if rng.random() < 0.8 else grey(rng, 0.3, 0.8)
    stripe = grey(rng, 0.75, 1.0) if rng.random() < 0.5 else vivid(rng)
    hull = cv2.convexHull(np.concatenate([pose(ring(r, 0)), pose(ring(r, h))]).astype(np.float32))[:, 0]
    layer.poly(hull, base)
    if rng.random() < 0.4:
        z = rng.uniform(0.35, 0.5)
        layer.poly(pose(band(r, z * h, r, (z + 0.22) * h)), stripe, solid=False)
    ribs = (0.33, 0.66) if rng.random() < 0.7 else (0.2, 0.4, 0.6, 0.8)
    for z in ribs:
        layer.line(pose(ring(r, z * h, np.pi, 2 * np.pi)), base * 0.55, pose.scale * 0.025)
        layer.line(pose(ring(r, z * h + 0.025, np.pi, 2 * np.pi)), base * 1.25, pose.scale * 0.018)
    right, up = pose.local(layer)
    nx = np.clip(right / r, -1.0, 1.0)
    body = 0.42 + 0.6 * np.sqrt(1.0 - nx * nx) + 0.3 * light * nx
    lid = (right / r) ** 2 + ((up - h * np.cos(pose.pitch)) / max(1e-3, r * np.sin(pose.pitch))) ** 2 <= 1.0
    layer.shade = np.where(lid, 1.0, body)
    layer.poly(pose(ring(r, h)), base * 1.12, solid=False)
    layer.poly(pose(ring(r * 0.9, h)), base * 0.85, solid=False)
    bung = ring(r * 0.14, h) + np.array([r * 0.45, r * 0.2, 0.0])
    layer.poly(pose(bung), base * 0.4, solid=False)


def _paint_pallet(layer: Layer, pose: Pose, rng: Rng, light: float) -> None:
    w, d, h = rng.uniform(1.5, 1.9), rng.uniform(1.2, 1.5), rng.uniform(0.2, 0.28)
    base = wood(rng) if rng.random() < 0.75 else vivid(rng)
    slats = int(rng.integers(5, 8))
    for face in box_faces(w, d, h, pose, light):
        colour = base * face.light
        layer.poly(pose(quad(face.origin, face.u, face.v, (0, 0, 1, 1))), base * 0.18)
        if face.light > 1.0:
            for k in range(slats):
                tint = colour * rng.uniform(0.88, 1.08)
                rect = (0.0, (k + 0.12) / slats, 1.0, (k + 0.88) / slats)
                layer.poly(pose(quad(face.origin, face.u, face.v, rect)), tint, solid=False)
        else:
            rects = [(0, 0.78, 1, 1), (0, 0, 1, 0.2), (0, 0, 0.13, 1), (0.435, 0, 0.565, 1), (0.87, 0, 1, 1)]
            for rect in rects:
                layer.poly(pose(quad(face.origin, face.u, face.v, rect)), colour, solid=False)


_PAINT = {CRATE: _paint_crate, CONE: _paint_cone, BARREL: _paint_barrel, PALLET: _paint_pallet}
# Half width, height above and depth below the base point, in object units.
EXTENT = {
    BALL: (0.45, 0.85, 0.05),
    CRATE: (1.0, 1.75, 0.75),
    CONE: (0.6, 1.25, 0.4),
    BARREL: (0.5, 1.35, 0.35),
    PALLET: (1.3, 1.2, 1.0),
}


def paint_object(img: np.ndarray, ids: np.ndarray, obj: Obj, index: int, cam: Camera) -> None:
    """Paint one object with its floor shadow; mark its pixels with `index`."""
    height, width = ids.shape
    unit = min(width, height)
    pose = Pose(obj.x * width, obj.y * height, obj.size * unit, obj.yaw, obj.roll, cam.pitch)
    half, above, below = (e * pose.scale + 2 for e in EXTENT[obj.cls])
    x0, x1 = int(max(0, pose.px - half * 1.15)), int(min(width, pose.px + half * 1.15 + 1))
    y0, y1 = int(max(0, pose.py - above)), int(min(height, pose.py + below + 1))
    if x1 - x0 < 2 or y1 - y0 < 2:
        return
    rng = np.random.default_rng(obj.seed)
    layer = Layer(x0, y0, x1, y1)
    if obj.cls == BALL:
        _paint_ball(layer, pose, rng, cam.light, obj.spin)
    else:
        _PAINT[obj.cls](layer, pose, rng, cam.light)

    view = img[y0:y1, x0:x1]
    # Soft contact shadow, pushed away from the light.
    xs, ys = layer.grid()
    flat = max(0.2, np.sin(cam.pitch))
    sw = half * (0.85 if obj.cls != BALL else 0.75)
    dx = (xs - pose.px + cam.light * 0.25 * sw) / sw
    dy = (ys - pose.py) / (sw * flat)
    view *= (1.0 - 0.5 * np.exp(-1.6 * (dx * dx + dy * dy)))[..., None]

    colour = layer.rgb.astype(np.float32)
    if layer.shade is not None:
        colour *= layer.shade.astype(np.float32)[..., None]
    cells = int(rng.integers(3, 14))
    texture = 1.0 + smooth_noise(rng, layer.w, layer.h, cells, rng.uniform(0.01, 0.06))
    colour *= texture[..., None]
    alpha = (layer.cover.astype(np.float32) / 255.0)[..., None]
    view += (colour - view) * alpha
    ids[y0:y1, x0:x1][layer.cover >= 128] = index
