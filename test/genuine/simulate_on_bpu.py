"""Runs a compiled model in hbdk-sim, the vendor's simulator of the BPU.

Usage: python simulate_on_bpu.py MODEL.bin QUANTISED.onnx INPUT.yuv SIZE FOLDER

SIZE is that of the picture, 320x320; empty for planes. Writes the integers of each output, as int32, into FOLDER/OUTPUT.
"""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx


def features_by_output(quantised):
    """The feature that the Dequantize node behind each output reads."""
    graph = onnx.load(quantised).graph
    outputs = {one.name for one in graph.output}
    return {node.output[0]: node.input[0] for node in graph.node if node.output[0] in outputs}


def main(model, quantised, picture, size, folder):
    tools = Path(sys.executable).parent
    run = lambda tool, *args: subprocess.run([sys.executable, tools / tool, *args], cwd=folder, check=True)  # noqa: E731
    run("hb_extract_hbm", model)
    (program,) = Path(folder).glob("*.hbm")
    os.mkdir(Path(folder) / "simulated")
    of_picture = ["--yuv-size", size, "--yuv-stride", size.split("x")[1]] if size else []
    named = ["-f", program, "-n", "main_graph_subgraph_0"]
    run("hbdk-sim", *named, "-i", picture, "-o", "simulated", *of_picture)
    for output, feature in features_by_output(quantised).items():
        (path,) = (Path(folder) / "simulated").glob(f"*_feature_{feature.replace('/', '_')}_elem_int.txt")
        lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
        np.array(" ".join(lines).split(), np.int32).tofile(Path(folder) / output)


main(*sys.argv[1:])
