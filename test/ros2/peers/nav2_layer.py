"""What Nav2's semantic segmentation layer does with label map, confidence map and label info, on a floor that it makes up.

Its arguments are a parameter file of the layer and the pixels along a side of a costmap tile. Pixel (u, v) lies on tile
(u // side, v // side). Prints ``{"event": "costs", "frames": n, "costs": [[...]]}`` for each pair of maps with one stamp, and
``{"event": "refused", "why": ...}`` for what the layer could not read. Ends with its stdin.

Written after the description of the layer: one observation a frame and tile, a queue for each class of a tile, and the cost of
the dominant class.
"""

import sys
from typing import Any

import numpy
import yaml
from events import say
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import Image
from spinning import spinning
from vision_msgs.msg import LabelInfo

with open(sys.argv[1], encoding='utf8') as file:
    LAYER = yaml.safe_load(file)['local_costmap']['local_costmap']['ros__parameters']['semantic_segmentation_layer']
SOURCE = LAYER[LAYER['observation_sources']]
SIDE = int(sys.argv[2])
COSTS = {name: SOURCE[kind] for kind in SOURCE['class_types'] for name in SOURCE[kind]['classes']}


class Tile:
    """The observations of one place: confidences by class, and the class that counts."""

    def __init__(self) -> None:
        self.queues: dict[int, list[int]] = {}
        self.dominant: int | None = None

    def push(self, label: int, confidence: int, has_priority: bool) -> None:
        """Adds an observation; a class of priority drives the others out, another one has to be seen more often."""
        if has_priority and self.dominant != label:
            self.queues = {label: self.queues.get(label, [])}
        self.queues.setdefault(label, []).append(confidence)
        most = len(self.queues.get(self.dominant, []))
        if self.dominant is None or has_priority or len(self.queues[label]) > most:
            self.dominant = label

    def cost(self, costs: dict[int, Any]) -> int:
        """What the costmap gets."""
        seen = self.queues[self.dominant]
        cost = costs[self.dominant]
        enough = len(seen) >= cost['samples_to_max_cost'] and sum(seen) / len(seen) > cost['mark_confidence']
        return cost['max_cost'] if enough else cost['base_cost']


class Layer:
    """Maps by stamp until both are there, and the tiles."""

    def __init__(self) -> None:
        self.costs: dict[int, Any] = {}
        self.labels: dict[tuple[int, int], Image] = {}
        self.confidences: dict[tuple[int, int], Image] = {}
        self.tiles: dict[tuple[int, int], Tile] = {}
        self.frames = 0

    def take_info(self, message: LabelInfo) -> None:
        """Numbers become costs; a name without a cost is an error of the layer, too."""
        for label in message.class_map:
            if label.class_name not in COSTS:
                say('refused', why=f'class {label.class_name!r} is not in the parameters')
            elif label.class_id > 255:
                say('refused', why=f'label {label.class_id} does not fit a byte')
            else:
                self.costs[label.class_id] = COSTS[label.class_name]
        say('info', labels=sorted(self.costs))

    def take(self, kind: dict[tuple[int, int], Image], message: Image) -> None:
        """Keeps a map; runs where its counterpart of the same stamp is there."""
        stamp = (message.header.stamp.sec, message.header.stamp.nanosec)
        kind[stamp] = message
        if stamp in self.labels and stamp in self.confidences:
            self.pair(self.labels.pop(stamp), self.confidences.pop(stamp))

    def pair(self, label_map: Image, confidence_map: Image) -> None:
        """One frame of the layer."""
        size = (label_map.height, label_map.width)
        for image in (label_map, confidence_map):
            if image.encoding != 'mono8' or image.step != size[1] or len(image.data) != size[0] * size[1]:
                say('refused', why=f'{image.encoding}, step {image.step}, {len(image.data)} bytes for {size}')
                return
        if label_map.header != confidence_map.header:
            say('refused', why='headers differ')
            return
        labels = numpy.array(label_map.data, dtype=int).reshape(size)
        confidences = numpy.array(confidence_map.data, dtype=int).reshape(size)
        for (row, column), (label, confidence) in self.best(labels, confidences).items():
            if label in self.costs:
                tile = self.tiles.setdefault((row, column), Tile())
                tile.push(label, confidence, self.costs[label]['dominant_priority'])
        self.frames += 1
        rows, columns = -(-size[0] // SIDE), -(-size[1] // SIDE)
        costs = [[self.tiles[row, column].cost(self.costs) for column in range(columns)] for row in range(rows)]
        say('costs', frames=self.frames, costs=costs)

    def best(self, labels: numpy.ndarray, confidences: numpy.ndarray) -> dict[tuple[int, int], tuple[int, int]]:
        """The pixel that stands for each tile: the first of those with the highest cost, or confidence."""
        best: dict[tuple[int, int], tuple[int, int, int]] = {}
        for (y, x), label in numpy.ndenumerate(labels):
            confidence = int(confidences[y, x])
            worth = self.costs[label]['max_cost'] if SOURCE['use_cost_selection'] else confidence
            tile = (y // SIDE, x // SIDE)
            if tile not in best or worth > best[tile][0]:
                best[tile] = (worth, int(label), confidence)
        return {tile: (label, confidence) for tile, (_, label, confidence) in best.items()}


with spinning('nav2_layer') as (node, _):
    layer = Layer()
    sensor_data = QoSProfile(depth=50, reliability=ReliabilityPolicy.BEST_EFFORT)
    latched = QoSProfile(depth=5, durability=DurabilityPolicy.TRANSIENT_LOCAL)
    node.create_subscription(
        Image, SOURCE['segmentation_topic'], lambda message: layer.take(layer.labels, message), sensor_data
    )
    node.create_subscription(
        Image, SOURCE['confidence_topic'], lambda message: layer.take(layer.confidences, message), sensor_data
    )
    node.create_subscription(LabelInfo, SOURCE['labels_topic'], layer.take_info, latched)
    say('ready')
    sys.stdin.read()
