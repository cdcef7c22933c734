"""A segmentation head with the public shape of Ultralytics' one; STUB_HEAD chooses how it decodes."""

import math
import os
from types import SimpleNamespace

import numpy as np
from torch import from_numpy

STEPS = (8, 16, 32)
VARIANT = os.environ.get("STUB_HEAD", "known")


class Branch:
    """A 1x1 convolution that answers like a chain of modules."""

    def __init__(self, inside, outside, seed):
        self.weight = np.random.default_rng(seed).normal(0, 0.7, (outside, inside)).astype(np.float32)
        self.first = SimpleNamespace(conv=SimpleNamespace(in_channels=inside))

    def __getitem__(self, position):
        return self.first

    def __call__(self, x):
        return from_numpy(np.einsum("oc,nchw->nohw", self.weight, x).astype(np.float32))


class Head:
    def __init__(self, classes=3, coefs=4, bins=1 if VARIANT == "no-dfl" else 6):
        self.nl, self.nc, self.nm, self.reg_max = len(STEPS), classes, coefs, bins
        self.stride, self.training = STEPS, False
        sizes = {"cv2": 4 * bins, "cv3": classes, "cv4": coefs}
        for at, (name, channels) in enumerate(sizes.items()):
            setattr(self, name, [Branch(5 + level, channels, 10 * at + level) for level in range(3)])
        self.prototypes = Branch(5, coefs, 99)

    def proto(self, x):
        return from_numpy(self.prototypes(x).repeat(2, 2).repeat(2, 3))

    def eval(self):
        self.training = False

    def train(self, mode):
        self.training = mode

    def __call__(self, x):
        return self.forward(x)


class Detect(Head):
    pass


class Segment(Head):
    def forward(self, x):
        if VARIANT == "fails":
            raise KeyError("feats")
        columns = []
        for level, step in enumerate(STEPS):
            box, cls, coef = (branch[level](x[level])[0] for branch in (self.cv2, self.cv3, self.cv4))
            for y in range(box.shape[1]):
                for column in range(box.shape[2]):
                    sides = [
                        self.expected(box[side * self.reg_max : (side + 1) * self.reg_max, y, column])
                        for side in range(4)
                    ]
                    x1, y1 = column + 0.5 - sides[0], y + 0.5 - sides[1]
                    x2, y2 = column + 0.5 + sides[2], y + 0.5 + sides[3]
                    box_px = [step * (x1 + x2) / 2, step * (y1 + y2) / 2, step * (x2 - x1), step * (y2 - y1)]
                    if VARIANT == "corners":
                        box_px = [step * x1, step * y1, step * x2, step * y2]
                    probabilities = [1 / (1 + math.exp(-logit)) for logit in cls[:, y, column]]
                    columns.append([*box_px, *probabilities, *coef[:, y, column]])
        rows = from_numpy(np.array(columns, np.float32).T[None])
        return {"rows": rows} if VARIANT == "dictionary" else (rows, self.proto(x[0]))

    @staticmethod
    def expected(logits):
        weights = [math.exp(logit) for logit in logits]
        return sum(at * weight for at, weight in enumerate(weights)) / sum(weights)
