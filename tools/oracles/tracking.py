"""What a Kalman filter with whole matrices, and SciPy's assignment, say where the tracker has its own: for test/unit/tracking.

    pip install numpy==2.4.6 scipy==1.17.1 filterpy==2.0.0
    python tools/oracles/tracking.py            # writes test/fixtures/tracking
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from filterpy.kalman import KalmanFilter
from scipy.linalg import expm
from scipy.optimize import linear_sum_assignment

OUT = Path(__file__).resolve().parents[2] / "test" / "fixtures" / "tracking"
SEED = 20_261_129

MEASURED = 1 / 20
POSITION_GROWTH = MEASURED**2 * 30
VELOCITY_GROWTH = (30 / 160) ** 2 * 30
FIRST_POSITION = (2 * MEASURED) ** 2
FIRST_VELOCITY = (10 * 30 / 160) ** 2


def van_loan(dt: float, scales: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Transition and process noise of eight values over `dt` seconds, by the exponential of the continuous model."""
    drift = np.zeros((8, 8))
    drift[:4, 4:] = np.eye(4)
    noise = np.diag(np.concatenate([POSITION_GROWTH * scales, VELOCITY_GROWTH * scales]))
    block = np.zeros((16, 16))
    block[:8, :8], block[:8, 8:], block[8:, 8:] = -drift, noise, drift.T
    power = expm(block * dt)
    transition = power[8:, 8:].T
    return transition, transition @ power[:8, 8:]


def scales_of(state: np.ndarray) -> np.ndarray:
    """Squares of the sides that noise is a share of: width for x and width, height for y and height."""
    width, height = max(1.0, state[2]), max(1.0, state[3])
    return np.array([width, height, width, height]) ** 2


def values(box: list[float]) -> np.ndarray:
    """Centre and size of a box."""
    x1, y1, x2, y2 = box
    return np.array([(x1 + x2) / 2, (y1 + y2) / 2, max(1, x2 - x1), max(1, y2 - y1)])


def kalman(rng: np.random.Generator) -> list[dict[str, object]]:
    """One object that is measured, then lost for a while, then measured again, at uneven times."""
    box = [100.0, 80.0, 180.0, 120.0]
    kf = KalmanFilter(dim_x=8, dim_z=4)
    kf.x = np.concatenate([values(box), np.zeros(4)])
    scales = scales_of(kf.x)
    kf.P = np.diag(np.concatenate([FIRST_POSITION * scales, FIRST_VELOCITY * scales]))
    kf.H = np.eye(4, 8)
    steps = [{"box": box, "dtS": 0, "lost": False, "mean": kf.x.tolist(), "covariance": kf.P.tolist()}]
    for step in range(40):
        dt = float(rng.choice([0.0, 1 / 30, 1 / 15, 0.1, 0.41]))
        lost = 18 <= step < 26
        if lost:
            kf.x[6:] = 0
        kf.F, kf.Q = van_loan(dt, scales_of(kf.x))
        kf.predict()
        measured = None
        if not lost:
            move = np.array([3, -1, 3, -1]) * (step + 1) + rng.normal(0, 2, 4) + np.array([0, 0, 1, 0.5]) * step
            measured = (np.array([100.0, 80.0, 180.0, 120.0]) + move).tolist()
            kf.R = np.diag(MEASURED**2 * scales_of(kf.x))
            kf.update(values(measured))
        steps.append(
            {"box": measured, "dtS": dt, "lost": lost, "mean": kf.x.tolist(), "covariance": kf.P.tolist()}
        )
    return steps


def assignments(rng: np.random.Generator) -> list[dict[str, object]]:
    """The largest sum by which similarities exceed the least one; pairs may also be left apart."""
    cases = []
    for rows, columns, least in [(1, 1, 0.1), (3, 5, 0.1), (6, 4, 0.3), (12, 12, 0.2), (30, 33, 0.1), (40, 25, 0.5)]:
        alike = rng.random((rows, columns)) * (rng.random((rows, columns)) < 0.5)
        alike = alike.round(3)
        gain = np.maximum(alike - least, 0)
        best = float(gain[linear_sum_assignment(gain, maximize=True)].sum())
        cases.append({"alike": alike.tolist(), "least": least, "bestGain": best})
    return cases


def main() -> None:
    """Writes the fixtures."""
    rng = np.random.default_rng(SEED)
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "kalman.json").write_text(json.dumps(kalman(rng)))
    (OUT / "assignments.json").write_text(json.dumps(assignments(rng)))


if __name__ == "__main__":
    main()
