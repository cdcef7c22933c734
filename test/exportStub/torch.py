"""As much of torch as tools/export_heads.py touches, on numpy."""

from contextlib import nullcontext as no_grad

import numpy as np

__all__ = ["Tensor", "from_numpy", "no_grad"]


class Tensor(np.ndarray):
    def permute(self, *axes):
        return self.transpose(axes)

    def contiguous(self):
        return from_numpy(np.ascontiguousarray(self))

    def numpy(self):
        return np.asarray(self)


def from_numpy(array):
    return array.view(Tensor)
