"""A consumer of a TROS graph: waits for the class names, then reads results as strictly as one that fuses depth.

Its only argument is the number of columns and rows of the picture, ``640x360``. Prints one JSON line for each message:
``{"event": "info", ...}``, ``{"event": "result", ...}`` with the label map enlarged to the picture in base64, or
``{"event": "refused", "why": ...}``. Ends with its stdin.
"""

import base64
import sys
from typing import Any

import numpy
from ai_msgs.msg import PerceptionInfo, PerceptionTargets
from events import say
from rclpy.qos import QoSProfile
from spinning import spinning

MAP_TARGET = 'parking_space'
columns, rows = (int(side) for side in sys.argv[1].split('x'))
class_numbers: dict[str, int] = {}


def enlarged(small: numpy.ndarray) -> numpy.ndarray:
    """The map at the size of the picture, each pixel that of the cell it lies in."""
    y = numpy.arange(rows) * small.shape[0] // rows
    x = numpy.arange(columns) * small.shape[1] // columns
    return small[y[:, None], x[None, :]]


def take_info(message: PerceptionInfo) -> None:
    """Numbers the classes."""
    class_numbers.clear()
    class_numbers.update({name: number for number, name in enumerate(message.class_names)})
    say('info', names=list(message.class_names), width=message.width, height=message.height)


def read(message: PerceptionTargets) -> dict[str, Any]:
    """Boxes with their class numbers, and the map; raises ValueError for what does not fit."""
    boxes = []
    labels = None
    for target in message.targets:
        if target.type == MAP_TARGET:
            capture = target.captures[0]
            expected = capture.img.height * capture.img.width
            if len(capture.features) != expected:
                raise ValueError(f'{len(capture.features)} features; expected {expected}')
            small = numpy.array(capture.features, dtype=numpy.float32).reshape(capture.img.height, capture.img.width)
            labels = enlarged(small.astype(numpy.uint8))
            continue
        if target.type not in class_numbers:
            raise ValueError(f'no class {target.type}')
        for roi in target.rois:
            rect = roi.rect
            edges = [rect.x_offset, rect.y_offset, rect.x_offset + rect.width, rect.y_offset + rect.height]
            boxes.append({'class': class_numbers[target.type], 'confidence': roi.confidence, 'edges': edges})
    if labels is None:
        raise ValueError('no label map')
    stages = {perf.type.rsplit('seg-320_', 1)[-1]: perf.time_ms_duration for perf in message.perfs[:5]}
    return {'boxes': boxes, 'labels': base64.b64encode(labels.tobytes()).decode('ascii'), 'stages': stages}


def take_result(message: PerceptionTargets) -> None:
    """Reads a result once the names are known."""
    if not class_numbers:
        return
    try:
        stamp = message.header.stamp
        say('result', stamp={'sec': stamp.sec, 'nanosec': stamp.nanosec}, **read(message))
    except ValueError as error:
        say('refused', why=str(error))


with spinning('tros_consumer') as (node, _):
    node.create_subscription(PerceptionInfo, 'hobot_dnn_detection_info', take_info, QoSProfile(depth=10))
    node.create_subscription(PerceptionTargets, 'hobot_dnn_detection', take_result, QoSProfile(depth=10))
    say('ready')
    sys.stdin.read()
