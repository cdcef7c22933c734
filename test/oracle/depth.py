"""Where instances are, from masks and a depth picture, by numpy pixel by pixel.

Reads one JSON case on stdin and prints ``{"instances": [...], "labels": [...]}``: for each instance its outcome and lengths in
metres, and for each depth pixel the number of the instance that its point belongs to.
"""

import base64
import json
import sys

import numpy as np

case = json.load(sys.stdin)
rows, columns = case['depthSize']
source_rows, source_columns = case['sourceSize']
z = np.frombuffer(base64.b64decode(case['depth']), case['dtype']).reshape(rows, columns).astype(np.float64) * case['unit']
fx, fy, cx, cy = case['camera']
v, u = np.mgrid[0:rows, 0:columns]
points = np.stack([(u - cx) / fx * z, (v - cy) / fy * z, z], axis=-1)
# The source pixel under the centre of each depth pixel.
source_v = np.floor((2 * v + 1) * source_rows / (2 * rows)).astype(int)
source_u = np.floor((2 * u + 1) * source_columns / (2 * columns)).astype(int)
if case['sourceCamera']:
    sfx, sfy, scx, scy = case['sourceCamera']
    source_u = np.round((u - cx) / fx * sfx + scx).astype(int)
    source_v = np.round((v - cy) / fy * sfy + scy).astype(int)
seen = (source_u >= 0) & (source_u < source_columns) & (source_v >= 0) & (source_v < source_rows)
with np.errstate(invalid='ignore'):
    valid = np.isfinite(z) & (z > 0) & (z >= case['nearest']) & (z <= case['farthest'])


def eroded(mask, radius):
    """The pixels around which a square of ones fits; beyond the picture all is one."""
    padded = np.pad(mask, radius, constant_values=True)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (2 * radius + 1, 2 * radius + 1))
    return windows.all(axis=(2, 3))


labels = np.zeros((rows, columns), int)
found = []
for number, encoded in reversed(list(enumerate(case['masks'], 1))):
    mask = np.frombuffer(base64.b64decode(encoded), np.uint8).reshape(source_rows, source_columns)
    inside = np.zeros((rows, columns), bool)
    inside[seen] = mask[source_v[seen], source_u[seen]] == 1
    if not inside.any():
        found.append({'outcome': 'no_mask'})
        continue
    kept = eroded(inside, case['erosion'])
    if not kept.any():
        found.append({'outcome': 'eroded'})
        continue
    own = kept & valid
    share = own.sum() / kept.sum()
    if share == 0 or share < case['validShare']:
        found.append({'outcome': 'no_depth', 'share': share})
        continue
    median = np.median(z[own])
    mad = np.median(np.abs(z[own] - median))
    reach = max(case['factor'] * 1.4826 * mad, 0.01 * median)
    near = own & (np.abs(z - median) <= reach + 1e-9)
    labels[near] = number
    at = points[near]
    low, high = at.min(axis=0), at.max(axis=0)
    found.append(
        {
            'outcome': 'located',
            'share': share,
            'median': median,
            'mad': mad,
            'position': at.mean(axis=0).tolist(),
            'centre': ((low + high) / 2).tolist(),
            'extent': (high - low).tolist(),
        }
    )
print(json.dumps({'instances': found[::-1], 'labels': labels.ravel().tolist()}))
