"""A node of rclpy with the endpoints of the segmentation node, started with ROS arguments: its names, QoS and parameters.

The environment variable ENDPOINTS has a JSON list of ``{"name": ..., "type": ..., "kind": ..., "depth": ...,
"durability": ...}``, named as in the code of the node. Prints one JSON line and ends.
"""

import importlib
import json
import os
import sys
import time
from typing import Any

import rclpy
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSPolicyKind, QoSProfile, ReliabilityPolicy
from rclpy.qos_overriding_options import QoSOverridingOptions

POLICIES = (QoSPolicyKind.HISTORY, QoSPolicyKind.DEPTH, QoSPolicyKind.RELIABILITY, QoSPolicyKind.DURABILITY)
OWN_PARAMETERS = ['score_threshold', 'iou_threshold', 'max_detections', 'frame_id']


def seen(node: Node, topic: str, kind: str) -> dict[str, str]:
    """The QoS of the node's own endpoint as the graph shows it."""
    look = node.get_publishers_info_by_topic if kind == 'publisher' else node.get_subscriptions_info_by_topic
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        for info in look(topic):
            if info.node_name == node.get_name():
                qos = info.qos_profile
                return {'reliability': qos.reliability.name, 'durability': qos.durability.name}
    raise TimeoutError(f'{topic} is not in the graph')


def make(node: Node, endpoint: dict[str, Any]) -> dict[str, Any]:
    """Makes an endpoint; returns its name and QoS."""
    package, _, name = endpoint['type'].split('/')
    message_class = getattr(importlib.import_module(f'{package}.msg'), name)
    reliability = ReliabilityPolicy.BEST_EFFORT if endpoint['kind'] == 'subscription' else ReliabilityPolicy.RELIABLE
    durability = DurabilityPolicy[endpoint['durability']]
    qos = QoSProfile(depth=endpoint['depth'], reliability=reliability, durability=durability)
    overriding = QoSOverridingOptions(policy_kinds=POLICIES)
    topic = endpoint['name']
    if topic.endswith('/compressed'):
        # image_transport puts it beside the topic of the picture.
        topic = node.resolve_topic_name(topic.removesuffix('/compressed')) + '/compressed'
    if endpoint['kind'] == 'publisher':
        made = node.create_publisher(message_class, topic, qos, qos_overriding_options=overriding)
    else:
        made = node.create_subscription(message_class, topic, print, qos, qos_overriding_options=overriding)
    return {'topic': made.topic_name, 'qos': seen(node, made.topic_name, endpoint['kind'])}


def main() -> None:
    """Makes the node, tells what it found and ends."""
    rclpy.init(args=sys.argv)
    node = rclpy.create_node('yolo_seg')
    endpoints = {endpoint['name']: make(node, endpoint) for endpoint in json.loads(os.environ['ENDPOINTS'])}
    own = {name: given.value for name, given in node._parameter_overrides.items() if name in OWN_PARAMETERS}
    qos = {name: given.value for name, given in node.get_parameters_by_prefix('qos_overrides').items()}
    qos = {f'qos_overrides.{name}': value for name, value in qos.items()}
    print(json.dumps({'name': node.get_fully_qualified_name(), 'endpoints': endpoints, 'parameters': {**own, **qos}}))
    node.destroy_node()
    rclpy.shutdown()


main()
