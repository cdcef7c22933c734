"""Train SegNet from scratch on synthetic scenes, on a CPU, within a time box.

    python train.py render --out data          # pre-render the training pictures
    python train.py fit --data data --minutes 48 --out ckpt.pt

The learning rate follows a cosine over wall time, so the time box always ends in a finished schedule.
"""

from __future__ import annotations

import argparse
import math
import tempfile
import time
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path

import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from dataset import NEAR_POOLS, NEAR_SIDE, POOLS, Batch, Source, render
from losses import loss_terms
from model import STRIDES, RawHeads, SegNet, count_parameters
from painters import CLASSES
from torch import Tensor, nn


class Ema:
    """Exponential moving average of weights and batch-norm statistics."""

    def __init__(self, net: SegNet, decay: float = 0.999) -> None:
        self.net, self.decay, self.steps = deepcopy(net).eval(), decay, 0

    @torch.no_grad()
    def update(self, net: SegNet) -> None:
        """Take in the weights after a step; early steps count more."""
        self.steps += 1
        keep = self.decay * (1 - math.exp(-self.steps / 300))
        for mine, theirs in zip(self.net.state_dict().values(), net.state_dict().values(), strict=True):
            if mine.is_floating_point():
                mine.lerp_(theirs, 1 - keep)
            else:
                mine.copy_(theirs)


@dataclass(frozen=True)
class Plan:
    """Everything a training worker needs to know."""

    data: Path
    out: Path
    minutes: float
    seed: int
    lr: float
    workers: int
    resume: Path | None
    rendezvous: str
    branch: bool = False


def _share(params: list[torch.nn.Parameter], part: float, workers: int) -> float:
    """Average the gradients and the elapsed part of the schedule over the workers."""
    grads = [p.grad if p.grad is not None else torch.zeros_like(p) for p in params]
    flat = torch.cat([g.reshape(-1) for g in grads] + [torch.tensor([part])])
    if workers > 1:
        dist.all_reduce(flat)
        flat /= workers
    at = 0
    for p in params:
        p.grad = flat[at : at + p.numel()].view(p.shape)
        at += p.numel()
    return float(flat[-1])


BRANCH = ("model.19.", "model.21.", "model.22.cv2.2.", "model.22.cv3.2.", "model.22.cv4.2.")


def branch_heads(net: SegNet, x: Tensor) -> RawHeads:
    """The stride 32 outputs alone, with gradients only in the layers they own.

    Joint training starves stride 32: at the start every box is 15 cells wide, which
    suits common objects at strides 8 and 16, and alignment then keeps choosing those.
    Layers 19 and 21 and the third heads feed no other output, so they can be trained
    afterwards on close views while all other outputs stay exactly as they are.
    """
    m = net.model
    with torch.no_grad():
        p3 = m[4](m[3](m[2](m[1](m[0](x)))))
        p4 = m[6](m[5](p3))
        p5 = m[9](m[8](m[7](p4)))
        n4 = m[12](m[11]([m[10](p5), p4]))
        n3 = m[15](m[14]([m[13](n4), p3]))
        o4 = m[18](m[17]([m[16](n3), n4]))
        proto = net.get_submodule("model.22.proto")(n3)
    o5 = m[21](m[20]([m[19](o4), p5]))
    coef, box, cls = (net.get_submodule(f"model.22.{name}.2")(o5) for name in ("cv4", "cv2", "cv3"))
    return [coef], [box], [cls], proto


def _near_only(batch: Batch) -> Batch:
    """Keep the labels that are large enough for stride 32."""
    side = (batch.boxes[..., 2:] - batch.boxes[..., :2]).amax(-1)
    return replace(batch, valid=batch.valid & (side >= NEAR_SIDE))


def work(rank: int, plan: Plan) -> None:
    """One single-threaded data-parallel worker; worker 0 keeps the average and logs.

    Two one-thread workers beat one two-thread process: there is one barrier a step
    instead of hundreds, which matters when other programs share the cores.
    """
    torch.manual_seed(plan.seed)
    torch.set_num_threads(1 if plan.workers > 1 else 2)
    if plan.workers > 1:
        dist.init_process_group("gloo", init_method=plan.rendezvous, rank=rank, world_size=plan.workers)
    net = SegNet(len(CLASSES))
    if plan.resume is not None:
        net.load_state_dict(torch.load(plan.resume, weights_only=True)["state"])
    net = net.to(memory_format=torch.channels_last).train()  # type: ignore[call-overload]
    if plan.branch:
        net.eval()
        for name in BRANCH:
            net.get_submodule(name.rstrip(".")).train()
        for name, p in net.named_parameters():
            p.requires_grad_(name.startswith(BRANCH))
        nn.init.constant_(net.get_parameter("model.22.cv3.2.2.bias"), -5.0)
    ema = Ema(net)
    params = [p for p in net.parameters() if p.requires_grad]
    opt = torch.optim.AdamW(
        [
            {"params": [p for p in params if p.ndim > 1], "weight_decay": 0.02},
            {"params": [p for p in params if p.ndim <= 1], "weight_decay": 0.0},
        ],
        lr=plan.lr,
    )
    if rank == 0:
        print(f"parameters {count_parameters(net)}", flush=True)
    source = Source(plan.data, plan.seed * 1000 + rank, NEAR_POOLS if plan.branch else POOLS)
    start = last_save = time.perf_counter()
    part, step = 0.0, 0
    sums: dict[str, float] = {}
    for step, batch in enumerate(source.stream()):
        if part >= 1.0:
            break
        rate = plan.lr * min(1.0, (step + 1) / 200) * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * part)))
        for group in opt.param_groups:
            group["lr"] = rate
        images = (batch.images.float() / 255.0).contiguous(memory_format=torch.channels_last)
        # bfloat16 is about 1.5 times faster here; the last part polishes in float32.
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=part < 0.88):
            heads = branch_heads(net, images) if plan.branch else net(images)
        terms = (
            loss_terms(heads, _near_only(batch), net.nc, STRIDES[2:])
            if plan.branch
            else loss_terms(heads, batch, net.nc)
        )
        opt.zero_grad(set_to_none=True)
        sum(terms.values(), torch.zeros(())).backward()
        now = time.perf_counter()
        part = _share(params, (now - start) / (plan.minutes * 60), plan.workers)
        torch.nn.utils.clip_grad_norm_(params, 10.0)
        opt.step()
        if rank != 0:
            continue
        ema.update(net)
        for k, v in terms.items():
            sums[k] = sums.get(k, 0.0) + v.item()
        if step % 100 == 99:
            text = " ".join(f"{k} {v / 100:.3f}" for k, v in sums.items())
            print(
                f"step {step + 1} t {now - start:.0f}s lr {rate:.5f} {text} "
                f"total {sum(sums.values()) / 100:.3f}",
                flush=True,
            )
            sums.clear()
        if now - last_save > 150:
            last_save = now
            save(ema.net, plan.out, step + 1, now - start)
    if rank == 0:
        save(ema.net, plan.out, step, time.perf_counter() - start)
        print("done", flush=True)
    if plan.workers > 1:
        dist.barrier()
        dist.destroy_process_group()


def fit(plan: Plan) -> None:
    """Train for the planned wall time and write the averaged weights."""
    if plan.workers == 1:
        work(0, plan)
    else:
        mp.spawn(work, args=(plan,), nprocs=plan.workers)


def save(net: SegNet, out: Path, steps: int, seconds: float) -> None:
    """Write a checkpoint; a reader never sees half of one."""
    state = {k: v.contiguous().clone() for k, v in net.state_dict().items()}
    tmp = out.with_suffix(".tmp")
    torch.save({"state": state, "classes": list(CLASSES), "steps": steps, "seconds": seconds}, tmp)
    tmp.replace(out)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    sub = parser.add_subparsers(dest="command", required=True)
    r = sub.add_parser("render")
    r.add_argument("--out", type=Path, default=Path("data"))
    r.add_argument("--pools", choices=("all", "near"), default="all")
    f = sub.add_parser("fit")
    f.add_argument("--data", type=Path, default=Path("data"))
    f.add_argument("--out", type=Path, default=Path("ckpt.pt"))
    f.add_argument("--minutes", type=float, default=48.0)
    f.add_argument("--seed", type=int, default=0)
    f.add_argument("--lr", type=float, default=2.5e-3)
    f.add_argument("--workers", type=int, default=2)
    f.add_argument("--resume", type=Path)
    f.add_argument("--branch", action="store_true", help="train only the stride 32 branch, on close views")
    args = parser.parse_args()
    if args.command == "render":
        render(args.out, POOLS + NEAR_POOLS if args.pools == "all" else NEAR_POOLS)
    else:
        with tempfile.TemporaryDirectory() as folder:
            fit(
                Plan(
                    args.data,
                    args.out,
                    args.minutes,
                    args.seed,
                    args.lr,
                    args.workers,
                    args.resume,
                    f"file://{folder}/rendezvous",
                    args.branch,
                )
            )


if __name__ == "__main__":
    main()
