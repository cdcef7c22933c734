"""The four loss terms, and the assignment of cells to objects they rest on.

Binary cross-entropy on classes with task-aligned soft targets (Feng et al. 2021), complete IoU and
distribution focal loss on boxes, binary cross-entropy on masks inside the object's box.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from dataset import Batch
from model import REG_MAX, STRIDES, RawHeads, cell_centres
from torch import Tensor


def complete_iou(a: Tensor, b: Tensor) -> Tensor:
    """CIoU (Zheng et al. 2020) of broadcastable x1 y1 x2 y2 boxes."""
    eps = 1e-7
    aw, ah = (a[..., 2] - a[..., 0]).clamp(min=eps), (a[..., 3] - a[..., 1]).clamp(min=eps)
    bw, bh = (b[..., 2] - b[..., 0]).clamp(min=eps), (b[..., 3] - b[..., 1]).clamp(min=eps)
    iw = (torch.minimum(a[..., 2], b[..., 2]) - torch.maximum(a[..., 0], b[..., 0])).clamp(min=0)
    ih = (torch.minimum(a[..., 3], b[..., 3]) - torch.maximum(a[..., 1], b[..., 1])).clamp(min=0)
    inter = iw * ih
    iou = inter / (aw * ah + bw * bh - inter + eps)
    cw = torch.maximum(a[..., 2], b[..., 2]) - torch.minimum(a[..., 0], b[..., 0])
    ch = torch.maximum(a[..., 3], b[..., 3]) - torch.minimum(a[..., 1], b[..., 1])
    gap = (
        (a[..., 0] + a[..., 2] - b[..., 0] - b[..., 2]) ** 2
        + (a[..., 1] + a[..., 3] - b[..., 1] - b[..., 3]) ** 2
    ) / 4
    shape = (4 / math.pi**2) * (torch.atan(bw / bh) - torch.atan(aw / ah)) ** 2
    with torch.no_grad():
        alpha = shape / (1 - iou + shape + eps)
    return iou - gap / (cw * cw + ch * ch + eps) - alpha * shape


@torch.no_grad()
def assign(
    scores: Tensor, boxes: Tensor, centres: Tensor, batch: Batch, top: int = 10
) -> tuple[Tensor, Tensor, Tensor]:
    """Task-aligned assignment.

    Returns per cell: owner label index [b, n], positive flag [b, n] and the soft
    class target [b, n] (alignment scaled so that each object's best cell gets its
    best IoU).
    """
    n = centres.shape[0]
    gt = batch.boxes[:, :, None]  # [b, m, 1, 4]
    inside = (centres > gt[..., :2]).all(-1) & (centres < gt[..., 2:]).all(-1) & batch.valid[..., None]
    picked = scores.gather(2, batch.classes[:, None].expand(-1, n, -1)).transpose(1, 2)  # [b, m, n]
    overlap = complete_iou(boxes[:, None], gt).clamp(min=0) * inside
    align = picked.sqrt() * overlap**6 * inside
    # A vanishing tie-break by distance keeps early, IoU-less steps supplied.
    mid = (gt[..., :2] + gt[..., 2:]) / 2
    near = 1e-9 / (1.0 + (centres - mid).norm(dim=-1))
    ranked, where = torch.topk(align + near * inside, min(top, n), dim=2)
    chosen = torch.zeros_like(align, dtype=torch.bool).scatter_(2, where, ranked > 0)
    # A cell claimed by several objects goes to the best overlapping one.
    best = torch.where(chosen, overlap, -1.0).argmax(1)
    owner_hot = F.one_hot(best, align.shape[1]).transpose(1, 2).bool()
    chosen &= owner_hot
    align = align * chosen
    top_align = align.amax(2, keepdim=True)
    top_iou = (overlap * chosen).amax(2, keepdim=True)
    soft = (align / (top_align + 1e-12) * top_iou).amax(1)
    return best, chosen.any(1), soft


def mask_loss(
    coefs: Tensor, proto: Tensor, batch: Batch, owner: Tensor, positive: Tensor, stride: int = 4
) -> Tensor:
    """Mean over positive cells of the box-cropped, area-normalised mask BCE."""
    total, count = proto.new_zeros(()), 0
    h, w = proto.shape[2:]
    ys, xs = torch.arange(h) + 0.5, torch.arange(w) + 0.5
    for b in range(proto.shape[0]):
        cells = positive[b].nonzero()[:, 0]
        if len(cells) == 0:
            continue
        labels = owner[b, cells]
        logits = coefs[b, cells] @ proto[b].flatten(1)
        m = batch.boxes.shape[1]  # padding labels own no cell, so they cost nothing
        full = batch.ids[b][None] == torch.arange(1, m + 1)[:, None, None]
        soft = F.avg_pool2d(full[None].float(), stride)[0]  # coverage at proto size
        box = batch.boxes[b, :m] / stride
        crop = ((xs > box[:, :1] - 0.5) & (xs < box[:, 2:3] + 0.5))[:, None] & (
            (ys > box[:, 1:2] - 0.5) & (ys < box[:, 3:] + 0.5)
        )[:, :, None]
        weight = crop.flatten(1).float()
        weight = weight / weight.sum(1, keepdim=True).clamp(min=1)
        loss = F.binary_cross_entropy_with_logits(logits, soft.flatten(1)[labels], reduction="none")
        total = total + (loss * weight[labels]).sum()
        count += len(cells)
    return total / max(1, count)


def loss_terms(heads: RawHeads, batch: Batch, nc: int, steps: tuple[int, ...] = STRIDES) -> dict[str, Tensor]:
    """The four weighted loss terms of one batch."""
    coefs, boxes, classes, proto = heads
    shapes = [(t.shape[2], t.shape[3]) for t in boxes]
    centres, strides = cell_centres(shapes, steps)

    def flat(parts: list[Tensor]) -> Tensor:
        return torch.cat([p.float().flatten(2) for p in parts], 2).transpose(1, 2)

    logits, raw_box, coef = flat(classes), flat(boxes), flat(coefs)
    b, n, _ = logits.shape
    raw_box = raw_box.reshape(b, n, 4, REG_MAX)
    ltrb = raw_box.softmax(3) @ torch.arange(REG_MAX, dtype=torch.float32)
    pred = torch.cat([centres - ltrb[..., :2], centres + ltrb[..., 2:]], -1)  # cell units
    owner, positive, soft = assign(
        logits.detach().sigmoid(), pred.detach() * strides[:, None], centres * strides[:, None], batch
    )
    target_cls = batch.classes.gather(1, owner)
    target = torch.zeros_like(logits)
    target.scatter_(2, target_cls[..., None], (soft * positive)[..., None])
    norm = target.sum().clamp(min=1.0)
    terms = {"cls": 0.5 * F.binary_cross_entropy_with_logits(logits, target, reduction="sum") / norm}
    zero = logits.sum() * 0.0
    if not bool(positive.any()):
        return {**terms, "box": zero, "dfl": zero, "mask": zero}
    weight = soft[positive]
    gt = batch.boxes.gather(1, owner[..., None].expand(-1, -1, 4)) / strides[:, None]
    gt_pos, pred_pos = gt[positive], pred[positive]
    terms["box"] = 7.5 * ((1 - complete_iou(pred_pos, gt_pos)) * weight).sum() / norm
    cells = centres[None].expand(b, -1, -1)[positive]
    side = torch.cat([cells - gt_pos[:, :2], gt_pos[:, 2:] - cells], 1).clamp(0, REG_MAX - 1.01)
    low = side.long()
    high_part = side - low
    bins = raw_box[positive].reshape(-1, REG_MAX)
    ce_low = F.cross_entropy(bins, low.flatten(), reduction="none").view(-1, 4)
    ce_high = F.cross_entropy(bins, low.flatten() + 1, reduction="none").view(-1, 4)
    dfl = (ce_low * (1 - high_part) + ce_high * high_part).mean(1)
    terms["dfl"] = 1.5 * (dfl * weight).sum() / norm
    terms["mask"] = 7.5 * mask_loss(coef, proto.float(), batch, owner, positive)
    return terms
