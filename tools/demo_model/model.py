"""A narrow network in the YOLOv8 instance-segmentation form, written from scratch.

The blocks follow their public descriptions: C2f (split, bottlenecks, concat),
SPPF (three chained max pools), an anchor-free head with box distributions (DFL,
Li et al. 2020), class logits and mask coefficients, and prototype masks (YOLACT,
Bolya et al. 2019).  Modules are numbered so that exported ONNX nodes read like
`/model.22/cv2.0/cv2.0.2/Conv`, the names in the RDK X5 toolchain logs.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

STRIDES = (8, 16, 32)
REG_MAX = 16
NUM_COEFS = 32
WIDTHS = (8, 16, 32, 56, 80)  # strides 2, 4, 8, 16, 32


class Conv(nn.Module):
    """Convolution, batch norm, SiLU."""

    def __init__(self, c_in: int, c_out: int, k: int = 1, s: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(c_in, c_out, k, s, k // 2, bias=False)
        self.bn: nn.Module = nn.BatchNorm2d(c_out, eps=1e-3, momentum=0.03)
        self.act = nn.SiLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.act(self.bn(self.conv(x)))

    def fold(self) -> None:
        """Merge the batch norm into the convolution (inference only)."""
        bn = self.bn
        if not isinstance(bn, nn.BatchNorm2d):
            return
        assert bn.running_mean is not None and bn.running_var is not None
        gain = bn.weight / torch.sqrt(bn.running_var + bn.eps)
        k, s = self.conv.kernel_size[0], self.conv.stride[0]
        folded = nn.Conv2d(self.conv.in_channels, self.conv.out_channels, k, s, k // 2, bias=True)
        folded.weight.data = (self.conv.weight * gain[:, None, None, None]).detach()
        assert folded.bias is not None
        folded.bias.data = (bn.bias - bn.running_mean * gain).detach()
        self.conv, self.bn = folded, nn.Identity()


class Bottleneck(nn.Module):
    """Two 3x3 convolutions with an optional skip connection."""

    def __init__(self, c: int, skip: bool) -> None:
        super().__init__()
        self.cv1, self.cv2, self.skip = Conv(c, c, 3), Conv(c, c, 3), skip

    def forward(self, x: Tensor) -> Tensor:
        y = self.cv2(self.cv1(x))
        return x + y if self.skip else y


class C2f(nn.Module):
    """Split in two halves, run bottlenecks on one, concatenate every stage."""

    def __init__(self, c_in: int, c_out: int, n: int = 1, skip: bool = False) -> None:
        super().__init__()
        self.part = half = c_out // 2
        self.cv1 = Conv(c_in, 2 * half)
        self.m = nn.ModuleList(Bottleneck(half, skip) for _ in range(n))
        self.cv2 = Conv((2 + n) * half, c_out)

    def forward(self, x: Tensor) -> Tensor:
        # split, not chunk: it exports as one static Split node
        parts = list(self.cv1(x).split((self.part, self.part), 1))
        for block in self.m:
            parts.append(block(parts[-1]))
        return self.cv2(torch.cat(parts, 1))


class SPPF(nn.Module):
    """Three chained 5x5 max pools: a cheap spatial pyramid."""

    def __init__(self, c: int) -> None:
        super().__init__()
        self.cv1, self.cv2 = Conv(c, c // 2), Conv(c * 2, c)
        self.m = nn.MaxPool2d(5, 1, 2)

    def forward(self, x: Tensor) -> Tensor:
        parts = [self.cv1(x)]
        for _ in range(3):
            parts.append(self.m(parts[-1]))
        return self.cv2(torch.cat(parts, 1))


class Concat(nn.Module):
    """Channel concatenation as a module, so that it owns a layer number."""

    def forward(self, parts: list[Tensor]) -> Tensor:
        return torch.cat(parts, 1)


class Proto(nn.Module):
    """Prototype masks at stride 4 from the stride 8 features."""

    def __init__(self, c_in: int, c_mid: int, c_out: int) -> None:
        super().__init__()
        self.cv1 = Conv(c_in, c_mid, 3)
        self.upsample = nn.ConvTranspose2d(c_mid, c_mid, 2, 2)
        self.cv2 = Conv(c_mid, c_mid, 3)
        self.cv3 = Conv(c_mid, c_out)

    def forward(self, x: Tensor) -> Tensor:
        return self.cv3(self.cv2(self.upsample(self.cv1(x))))


RawHeads = tuple[list[Tensor], list[Tensor], list[Tensor], Tensor]


class Segment(nn.Module):
    """Heads: cv2 box distributions, cv3 class logits, cv4 coefficients, proto."""

    def __init__(self, nc: int, channels: tuple[int, ...]) -> None:
        super().__init__()
        c2, c3, c4 = 32, 24, 32

        def tower(c_in: int, mid: int, out: int, bias: float | None = None) -> nn.Sequential:
            last = nn.Conv2d(mid, out, 1)
            if bias is not None and last.bias is not None:
                nn.init.constant_(last.bias, bias)
            return nn.Sequential(Conv(c_in, mid, 3), Conv(mid, mid, 3), last)

        # Class bias: start at about five objects among all cells of a 640 px picture.
        rare = [math.log(5.0 / nc / (640 / stride) ** 2) for stride in STRIDES]
        self.cv2 = nn.ModuleList(tower(c, c2, 4 * REG_MAX, 1.0) for c in channels)
        self.cv3 = nn.ModuleList(tower(c, c3, nc, bias) for c, bias in zip(channels, rare, strict=True))
        self.cv4 = nn.ModuleList(tower(c, c4, NUM_COEFS) for c in channels)
        self.proto = Proto(channels[0], 32, NUM_COEFS)

    def forward(self, x: list[Tensor]) -> RawHeads:
        proto = self.proto(x[0])
        coefs = [m(f) for m, f in zip(self.cv4, x, strict=True)]
        boxes = [m(f) for m, f in zip(self.cv2, x, strict=True)]
        classes = [m(f) for m, f in zip(self.cv3, x, strict=True)]
        return coefs, boxes, classes, proto


class SegNet(nn.Module):
    """Backbone 0-9, feature pyramid 10-21, heads 22."""

    def __init__(self, nc: int, widths: tuple[int, ...] = WIDTHS) -> None:
        super().__init__()
        a, b, c, d, e = widths
        self.nc = nc
        self.model = nn.ModuleList(
            [
                Conv(3, a, 3, 2),  # 0: stride 2
                Conv(a, b, 3, 2),  # 1: stride 4
                C2f(b, b, 1, True),  # 2
                Conv(b, c, 3, 2),  # 3: stride 8
                C2f(c, c, 2, True),  # 4
                Conv(c, d, 3, 2),  # 5: stride 16
                C2f(d, d, 2, True),  # 6
                Conv(d, e, 3, 2),  # 7: stride 32
                C2f(e, e, 1, True),  # 8
                SPPF(e),  # 9
                nn.Upsample(scale_factor=2.0, mode="nearest"),  # 10
                Concat(),  # 11
                C2f(e + d, d),  # 12
                nn.Upsample(scale_factor=2.0, mode="nearest"),  # 13
                Concat(),  # 14
                C2f(d + c, c),  # 15: stride 8 out
                Conv(c, c, 3, 2),  # 16
                Concat(),  # 17
                C2f(c + d, d),  # 18: stride 16 out
                Conv(d, d, 3, 2),  # 19
                Concat(),  # 20
                C2f(d + e, e),  # 21: stride 32 out
                Segment(nc, (c, d, e)),  # 22
            ]
        )

    def forward(self, x: Tensor) -> RawHeads:
        m = self.model
        p3 = m[4](m[3](m[2](m[1](m[0](x)))))
        p4 = m[6](m[5](p3))
        p5 = m[9](m[8](m[7](p4)))
        n4 = m[12](m[11]([m[10](p5), p4]))
        n3 = m[15](m[14]([m[13](n4), p3]))
        o4 = m[18](m[17]([m[16](n3), n4]))
        o5 = m[21](m[20]([m[19](o4), p5]))
        return m[22]([n3, o4, o5])

    def fold(self) -> SegNet:
        """Fold every batch norm in place."""
        for module in self.modules():
            if isinstance(module, Conv):
                module.fold()
        return self


class SeedHeads(nn.Module):
    """The ten NHWC outputs in the seed's order: coefficients, boxes, classes, proto."""

    def __init__(self, net: SegNet) -> None:
        super().__init__()
        self.model = net.model
        self.run = net.forward

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        coefs, boxes, classes, proto = self.run(x)
        return tuple(t.permute(0, 2, 3, 1).contiguous() for t in (*coefs, *boxes, *classes, proto))


class StockHeads(nn.Module):
    """The usual two outputs: [1, 4+nc+32, cells] decoded and [1, 32, h/4, w/4]."""

    def __init__(self, net: SegNet) -> None:
        super().__init__()
        self.model = net.model
        self.run = net.forward
        self.nc = net.nc

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        coefs, boxes, classes, proto = self.run(x)
        flat_box = torch.cat([t.flatten(2) for t in boxes], 2)
        flat_cls = torch.cat([t.flatten(2) for t in classes], 2)
        flat_coef = torch.cat([t.flatten(2) for t in coefs], 2)
        centres, strides = cell_centres([(int(t.shape[2]), int(t.shape[3])) for t in boxes])
        n = len(strides)
        bins = torch.arange(REG_MAX, dtype=torch.float32).view(1, 1, REG_MAX, 1)
        ltrb = (flat_box.view(1, 4, REG_MAX, n).softmax(2) * bins).sum(2)
        low, high = centres.T[None] - ltrb[:, :2], centres.T[None] + ltrb[:, 2:]
        xywh = torch.cat([(low + high) / 2, high - low], 1) * strides.view(1, 1, n)
        return torch.cat([xywh, flat_cls.sigmoid(), flat_coef], 1), proto


def cell_centres(shapes: list[tuple[int, int]], steps: tuple[int, ...] = STRIDES) -> tuple[Tensor, Tensor]:
    """Cell centres in cell units [n, 2] and the stride of each cell [n]."""
    centres, strides = [], []
    for (h, w), stride in zip(shapes, steps, strict=True):
        ys, xs = torch.meshgrid(torch.arange(h) + 0.5, torch.arange(w) + 0.5, indexing="ij")
        centres.append(torch.stack([xs, ys], -1).view(-1, 2).float())
        strides.append(torch.full((h * w,), float(stride)))
    return torch.cat(centres), torch.cat(strides)


def count_parameters(net: nn.Module) -> int:
    """Number of trained values."""
    return sum(p.numel() for p in net.parameters())
