"""The rest of a robot as rclpy sees it: cameras, listeners and service clients, driven by JSON lines.

A line of stdin is ``{"id": 1, "do": "send", ...arguments}``. It is answered by ``{"event": "answer", "id": 1, "result": ...}``
or by the same with ``"error": text``. What arrives on a topic that is listened to is printed as
``{"event": "message", "topic": ..., "message": {...}}`` with byte arrays in base64. Ends with its stdin.
"""

import array
import base64
import importlib
import json
import struct
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import images
import numpy
import rclpy
from builtin_interfaces.msg import Time
from events import say
from rclpy.executors import SingleThreadedExecutor
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.lifecycle import LifecycleNode
from rclpy.node import Node, NodeNameNonExistentError
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from spinning import spinning

RELIABILITY = {'reliable': ReliabilityPolicy.RELIABLE, 'best_effort': ReliabilityPolicy.BEST_EFFORT}
ENCODING_BYTES = 12


def load_type(name: str) -> Any:
    """The class of ``package/msg/Name`` or ``package/srv/Name``."""
    package, kind, type_name = name.split('/')
    return getattr(importlib.import_module(f'{package}.{kind}'), type_name)


def to_plain(value: Any) -> Any:
    """A message as JSON values; byte arrays in base64, a single byte as a number."""
    if hasattr(value, 'get_fields_and_field_types'):
        return {name: to_plain(getattr(value, name)) for name in value.get_fields_and_field_types()}
    if isinstance(value, bytes):
        return value[0]
    if isinstance(value, array.array) and value.typecode == 'B':
        return base64.b64encode(value.tobytes()).decode('ascii')
    if isinstance(value, (list, tuple, array.array)):
        return [to_plain(item) for item in value]
    return value.tolist() if isinstance(value, numpy.ndarray) else value


def fill(message: Any, plain: dict[str, Any]) -> Any:
    """Sets the fields of a message from JSON values."""
    slots = dict(zip(message.get_fields_and_field_types(), message.SLOT_TYPES, strict=True))
    for name, value in plain.items():
        if isinstance(value, dict):
            fill(getattr(message, name), value)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            item_type = slots[name].value_type
            item_class = load_type('/'.join([*item_type.namespaces, item_type.name]))
            setattr(message, name, [fill(item_class(), item) for item in value])
        else:
            # A float field takes an int of JSON without complaint and holds rubbish then.
            is_float = getattr(slots[name], 'typename', '') in ('float', 'double')
            setattr(message, name, float(value) if is_float else value)
    return message


def create_publisher(node: Node, message_class: Any, topic: str, qos: QoSProfile, timeout_s: float = 10.0) -> Any:
    """A publisher, also where one of another type has just been destroyed.

    rclpy lets that one go when its executor waits for it no longer; until then the topic's new type is refused.
    """
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            return node.create_publisher(message_class, topic, qos)
        except rclpy_implementation.RCLError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


class Camera:
    """A publisher of HbmMsg frames whose every field can be set wrong."""

    def __init__(self, node: Node, type_name: str, topic: str, reliability: str) -> None:
        self.message = load_type(type_name)()
        qos = QoSProfile(depth=5, reliability=RELIABILITY[reliability])
        self.publisher = create_publisher(node, type(self.message), topic, qos)
        self.node = node
        self.index = 0
        self.sent: list[int] = []
        self.stop_streaming = threading.Event()
        self.thread: threading.Thread | None = None

    def send(self, picture: dict[str, Any], stamp: dict[str, int] | None, fields: dict[str, Any]) -> dict[str, int]:
        """Publishes the picture with a right header, but for `fields`; returns the stamp."""
        message = self.message
        nv12 = picture['nv12']
        now_ns = time.time_ns()
        now = {'sec': now_ns // 1_000_000_000, 'nanosec': now_ns % 1_000_000_000}
        stamp = now if stamp is None else stamp
        message.index = self.index
        message.time_stamp = Time(**stamp)
        message.width = message.step = picture['widthPx']
        message.height = picture['heightPx']
        message.data_size = len(nv12)
        message.data[: len(nv12)] = nv12
        message.encoding = numpy.frombuffer(b'nv12'.ljust(ENCODING_BYTES, b'\0'), dtype=numpy.uint8)
        for name, value in fields.items():
            if name == 'encoding':
                text = value.encode('latin1').ljust(ENCODING_BYTES, b'\0')
                value = numpy.frombuffer(text, dtype=numpy.uint8)
            setattr(message, name, value)
        self.publisher.publish(message)
        self.sent.append(stamp['sec'] * 1_000_000_000 + stamp['nanosec'])
        self.index += 1
        return stamp

    def stream(self, picture: dict[str, Any], rate_hz: float) -> None:
        """Sends at a fixed rate until `stop`."""

        def run() -> None:
            while not self.stop_streaming.wait(1 / rate_hz):
                self.send(picture, None, {})

        self.stop_streaming.clear()
        self.thread = threading.Thread(target=run)
        self.thread.start()

    def stop(self) -> int:
        """Ends the stream; returns the number of frames sent so far."""
        self.stop_streaming.set()
        if self.thread is not None:
            self.thread.join()
            self.thread = None
        return self.index

    def close(self) -> None:
        """Ends the stream and the publisher."""
        self.stop()
        self.node.destroy_publisher(self.publisher)


class SensorCamera(Camera):
    """A publisher of sensor_msgs whose every field can be set wrong."""

    def send(self, picture: dict[str, Any], stamp: dict[str, int] | None, fields: dict[str, Any]) -> dict[str, int]:
        """Publishes the picture's fields, but for `fields`; returns the stamp."""
        message = type(self.message)()
        now_ns = time.time_ns()
        stamp = {'sec': now_ns // 1_000_000_000, 'nanosec': now_ns % 1_000_000_000} if stamp is None else stamp
        message.header.stamp = Time(**stamp)
        message.header.frame_id = 'lens'
        message.data = array.array('B', picture['data'].tobytes())
        fill(message, {**picture['fields'], **fields})
        self.publisher.publish(message)
        self.sent.append(stamp['sec'] * 1_000_000_000 + stamp['nanosec'])
        self.index += 1
        return stamp


class Robot:
    """Holds what the commands made, by name."""

    def __init__(self, node: Node, executor: SingleThreadedExecutor) -> None:
        self.node = node
        self.executor = executor
        self.cameras: dict[str, Camera] = {}
        self.pictures: dict[str, dict[str, Any]] = {}
        self.subscriptions: dict[str, Any] = {}
        self.collections: dict[str, list[int]] = {}
        self.publishers: list[Any] = []
        self.tellers: dict[str, Any] = {}
        self.clients: dict[str, Any] = {}
        self.model_nodes: list[Node] = []

    def lifecycle_node(self, name: str, parameters: dict[str, Any]) -> None:
        """Starts a lifecycle node of rclpy that has the parameters and takes every transition."""
        model = LifecycleNode(name)
        for parameter, value in parameters.items():
            model.declare_parameter(parameter, value)
        self.executor.add_node(model)
        self.model_nodes.append(model)

    def plain_node(self, name: str) -> None:
        """Starts a node that does nothing."""
        self.model_nodes.append(rclpy.create_node(name))

    def end_nodes(self) -> None:
        """Ends the nodes started by these."""
        while self.model_nodes:
            model = self.model_nodes.pop()
            self.executor.remove_node(model)
            model.destroy_node()

    def topics_of(self, name: str, namespace: str) -> dict[str, list[str]]:
        """Topics that a node publishes and subscribes to, as the graph shows it; none before the node is there."""
        try:
            publishers = self.node.get_publisher_names_and_types_by_node(name, namespace)
            subscriptions = self.node.get_subscriber_names_and_types_by_node(name, namespace)
        except NodeNameNonExistentError:
            publishers = subscriptions = []
        return {
            'publisher': [topic for topic, _ in publishers],
            'subscription': [topic for topic, _ in subscriptions],
        }

    def picture(self, name: str, path: str, widthPx: int, heightPx: int) -> None:
        """Reads a file of packed NV12."""
        nv12 = numpy.fromfile(path, dtype=numpy.uint8)
        self.pictures[name] = {'widthPx': widthPx, 'heightPx': heightPx, 'nv12': nv12}

    def encoded_picture(self, name: str, path: str, fields: dict[str, Any]) -> None:
        """Reads a file that is the data of a message of sensor_msgs, whose other fields are `fields`."""
        self.pictures[name] = {'data': numpy.fromfile(path, dtype=numpy.uint8), 'fields': fields}

    def image_picture(self, name: str, path: str, width: int, height: int, encoding: str, padding: int = 0) -> None:
        """Makes an Image of this encoding from a file of packed RGB; `padding` bytes follow each row."""
        rgb = numpy.fromfile(path, dtype=numpy.uint8).reshape(height, width, 3)
        rows = images.rows_of(rgb, encoding)
        padded = numpy.full((rows.shape[0], rows.shape[1] + padding), 0xAA, dtype=numpy.uint8)
        padded[:, : rows.shape[1]] = rows
        fields = {'height': height, 'width': width, 'encoding': encoding, 'step': padded.shape[1]}
        self.pictures[name] = {'data': padded, 'fields': fields}

    def publish_bytes(self, camera: str, message: str) -> None:
        """Publishes a serialised message as it is, in base64."""
        self.cameras[camera].publisher.publish(base64.b64decode(message))

    def pad(self, name: str, picture: str, stride: int) -> None:
        """Makes another picture of one, its rows `stride` bytes apart; data_size counts all of them."""
        source = self.pictures[picture]
        width = source['widthPx']
        rows = source['nv12'].reshape(-1, width)
        padded = numpy.full((len(rows), stride), 255, dtype=numpy.uint8)
        padded[:, :width] = rows
        self.pictures[name] = {**source, 'nv12': padded.ravel()}

    def camera(self, name: str, type: str, topic: str, reliability: str = 'best_effort') -> None:
        """Starts a camera."""
        kind = SensorCamera if type.startswith('sensor_msgs/') else Camera
        self.cameras[name] = kind(self.node, type, topic, reliability)

    def close_camera(self, name: str) -> None:
        """Ends a camera."""
        self.cameras.pop(name).close()

    def subscribers(self, camera: str) -> int:
        """How many subscriptions the camera has matched."""
        return self.cameras[camera].publisher.get_subscription_count()

    def send(
        self,
        camera: str,
        picture: str,
        stamp: dict[str, int] | None = None,
        fields: dict[str, Any] | None = None,
    ) -> dict[str, int]:
        """Sends one frame; see Camera.send."""
        return self.cameras[camera].send(self.pictures[picture], stamp, fields or {})

    def stream(self, camera: str, picture: str, rate_hz: float) -> None:
        """Sends frames until stop_stream."""
        self.cameras[camera].stream(self.pictures[picture], rate_hz)

    def stop_stream(self, camera: str) -> int:
        """Ends a stream; returns the number of frames."""
        return self.cameras[camera].stop()

    def advertise(self, type: str, topic: str) -> None:
        """Publishes nothing, but is seen in the graph."""
        self.publishers.append(self.node.create_publisher(load_type(type), topic, 1))

    def tell(self, type: str, topic: str, message: dict[str, Any]) -> None:
        """Publishes one message to whoever subscribes by then, reliable."""
        message_class = load_type(type)
        if topic not in self.tellers:
            self.tellers[topic] = self.node.create_publisher(message_class, topic, 10)
        self.tellers[topic].publish(fill(message_class(), message))

    def withdraw(self) -> None:
        """Ends what was advertised."""
        while self.publishers:
            self.node.destroy_publisher(self.publishers.pop())

    def listen(self, topic: str, type: str, durability: str = 'volatile', reliability: str = 'reliable') -> None:
        """Prints every message of a topic."""
        qos = QoSProfile(depth=10, reliability=RELIABILITY[reliability], durability=DurabilityPolicy[durability.upper()])

        def forward(message: Any) -> None:
            say('message', topic=topic, message=to_plain(message))

        self.subscriptions[topic] = self.node.create_subscription(load_type(type), topic, forward, qos)

    def unlisten(self, topic: str) -> None:
        """Ends a subscription."""
        self.node.destroy_subscription(self.subscriptions.pop(topic))

    def collect(self, topic: str, type: str, durability: str = 'volatile', pause_s: float = 0.0) -> None:
        """Keeps the stamps of a topic, and nothing else of its messages, so that it keeps up with any node.

        With a pause it is one that does not: no message of this process is read for so long after each of them.
        """
        stamps = self.collections[topic] = []

        def keep(cdr: bytes) -> None:
            seconds, nanoseconds = struct.unpack_from('<iI', cdr, 4)
            stamps.append(seconds * 1_000_000_000 + nanoseconds)
            if pause_s > 0:
                time.sleep(pause_s)

        qos = QoSProfile(depth=10, reliability=ReliabilityPolicy.RELIABLE, durability=DurabilityPolicy[durability.upper()])
        name = f'collected {topic}'
        self.subscriptions[name] = self.node.create_subscription(load_type(type), topic, keep, qos, raw=True)

    def collected(self) -> dict[str, list[str]]:
        """Stamps in nanoseconds by topic, as text: they do not fit a number of JSON."""
        return {topic: [str(stamp) for stamp in stamps] for topic, stamps in self.collections.items()}

    def sent_stamps(self, camera: str) -> list[str]:
        """Stamps in nanoseconds of all frames of a camera, as text."""
        return [str(stamp) for stamp in self.cameras[camera].sent]

    def publisher_qos(self, topic: str) -> list[dict[str, str]]:
        """What the graph knows of the QoS of a topic's publishers."""
        profiles = [info.qos_profile for info in self.node.get_publishers_info_by_topic(topic)]
        return [{'reliability': qos.reliability.name, 'durability': qos.durability.name} for qos in profiles]

    def endpoint_qos(self, topic: str, kind: str, node: str) -> list[dict[str, str]]:
        """What the graph knows of the QoS of a node's endpoints of a topic."""
        graph = self.node
        look = graph.get_publishers_info_by_topic if kind == 'publisher' else graph.get_subscriptions_info_by_topic
        profiles = [info.qos_profile for info in look(topic) if info.node_name == node]
        return [{'reliability': qos.reliability.name, 'durability': qos.durability.name} for qos in profiles]

    def types_of(self, topic: str) -> list[str]:
        """Types under which a topic is published."""
        return sorted({info.topic_type for info in self.node.get_publishers_info_by_topic(topic)})

    def publisher_nodes(self, topic: str) -> list[str]:
        """Names of the nodes that publish a topic."""
        return [info.node_name for info in self.node.get_publishers_info_by_topic(topic)]

    def call(self, service: str, type: str, request: dict[str, Any], repeat: bool, timeout_s: float = 30.0) -> Any:
        """Calls a service and returns its answer.

        A server may answer before it has found the client, rclpy's too, and the answer is lost: a request that may be
        asked twice is repeated.
        """
        service_class = load_type(type)
        client = self.clients.get(service)
        if client is None:
            client = self.clients[service] = self.node.create_client(service_class, service)
        deadline = time.monotonic() + timeout_s
        if not client.wait_for_service(timeout_s):
            raise TimeoutError(f'no service {service} after {timeout_s} s')
        message = fill(service_class.Request(), request)
        done = threading.Event()
        futures = []
        while not done.is_set():
            if time.monotonic() > deadline:
                raise TimeoutError(f'no answer of {service} after {timeout_s} s')
            futures.append(client.call_async(message))
            futures[-1].add_done_callback(lambda _: done.set())
            done.wait(2 if repeat else timeout_s)
        answer = next(future for future in futures if future.done())
        return to_plain(answer.result())


def main() -> None:
    """Obeys stdin until its end."""
    with spinning('robot') as (node, executor):
        robot = Robot(node, executor)
        say('ready')
        for line in sys.stdin:
            command = json.loads(line)
            number = command.pop('id')
            try:
                do: Callable[..., Any] = getattr(robot, command.pop('do'))
                say('answer', id=number, result=do(**command))
            except Exception as error:
                say('answer', id=number, error=f'{type(error).__name__}: {error}')
        for camera in robot.cameras.values():
            camera.close()
        robot.end_nodes()


main()
