"""Export a trained checkpoint to ONNX (opset 11) in the forms the node reads.

    python export.py                 # from ckpt.pt into assets/models

shapes-seg.onnx        640x640, ten NHWC outputs: coefficients, boxes, classes, proto
shapes-seg-320.onnx    the same at 320x320
shapes-seg-stock.onnx  640x640, decoded output0 [1, 4+nc+32, 8400] and output1 (proto)
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import torch
from locations import CHECKPOINT, MODELS
from model import SeedHeads, SegNet, StockHeads
from scenes import letterbox, scene
from torch import nn

OPSET = 11
MAX_BYTES = 2_500_000


def load(path: Path) -> tuple[SegNet, list[str]]:
    """The averaged network of a checkpoint, batch norms folded, and its classes."""
    ckpt = torch.load(path, weights_only=True)
    net = SegNet(len(ckpt["classes"]))
    net.load_state_dict(ckpt["state"])
    net.eval()
    probe = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        before = net(probe)
        after = net.fold().eval()(probe)
    gap = max(float((a - b).abs().max()) for a, b in zip(_flat(before), _flat(after), strict=True))
    assert gap < 1e-2, f"folding changed the outputs by {gap}"
    return net, list(ckpt["classes"])


def _flat(heads: object) -> list[torch.Tensor]:
    if isinstance(heads, torch.Tensor):
        return [heads]
    return [t for part in heads for t in _flat(part)]  # type: ignore[attr-defined]


def _constants_to_initializers(graph: onnx.GraphProto) -> None:
    """Replace Constant nodes by initializers, which converters read more easily."""
    for node in [n for n in graph.node if n.op_type == "Constant"]:
        tensor = node.attribute[0].t
        tensor.name = node.output[0]
        graph.initializer.append(tensor)
        graph.node.remove(node)


def export(wrapper: nn.Module, size: int, outputs: list[str], classes: list[str], path: Path) -> None:
    """Write, annotate, check and run one ONNX file against PyTorch."""
    wrapper.eval()
    rgb, _ = scene(2_000_000, 640, 360)
    image = letterbox(rgb, size)[0].transpose(2, 0, 1)[None].astype(np.float32) / 255.0
    x = torch.from_numpy(image)
    with torch.no_grad():
        expected = wrapper(x)
        torch.onnx.export(
            wrapper,
            (x,),
            str(path),
            input_names=["images"],
            output_names=outputs,
            opset_version=OPSET,
            do_constant_folding=True,
            dynamo=False,
        )
    proto = onnx.load(str(path))
    names = "{" + ", ".join(f"{i}: '{n}'" for i, n in enumerate(classes)) + "}"
    meta = {
        "description": "synthetic shapes instance segmentation demo",
        "license": "Apache-2.0",
        "task": "segment",
        "stride": "32",
        "imgsz": json.dumps([size, size]),
        "names": names,
    }
    onnx.helper.set_model_props(proto, meta)
    proto.producer_name, proto.doc_string = "demo_model/export.py", ""
    for node in proto.graph.node:
        node.doc_string = ""
    _constants_to_initializers(proto.graph)
    onnx.checker.check_model(proto, full_check=True)
    onnx.save(proto, str(path))
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    got = session.run(None, {"images": image})
    gap = max(float(np.abs(g - e.numpy()).max()) for g, e in zip(got, expected, strict=True))
    assert gap < 5e-3, f"onnxruntime differs from PyTorch by {gap}"
    size_bytes = path.stat().st_size
    assert size_bytes < MAX_BYTES, f"{path} has {size_bytes} bytes"
    print(
        f"{path.name}: {size_bytes} bytes, IR {proto.ir_version}, {len(proto.graph.node)} nodes, "
        f"max |ort - torch| {gap:.2e}"
    )
    for meta_out, value in zip(session.get_outputs(), got, strict=True):
        print(f"    {meta_out.name}: {list(value.shape)} {value.dtype}")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--ckpt", type=Path, default=CHECKPOINT)
    parser.add_argument("--out", type=Path, default=MODELS)
    args = parser.parse_args()
    torch.set_num_threads(2)
    net, classes = load(args.ckpt)
    ten = [f"output{i}" for i in range(10)]
    export(SeedHeads(net), 640, ten, classes, args.out / "shapes-seg.onnx")
    export(SeedHeads(net), 320, ten, classes, args.out / "shapes-seg-320.onnx")
    export(StockHeads(net), 640, ["output0", "output1"], classes, args.out / "shapes-seg-stock.onnx")
    (args.out / "classes.txt").write_text("\n".join(classes) + "\n")


if __name__ == "__main__":
    main()
