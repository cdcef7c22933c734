"""A peer that asks a node everything its services do not expect: ``hostile.py /yolo_seg [garbage] [huge]``.

With ``garbage`` bytes that are no message go to every topic that the node hears as well; the node must be active, with
``/hostile/depth`` as its depth pictures. With ``huge`` it only sends requests that are too large.

Each answer is printed as a JSON line: ``set`` and ``atomic`` for a value of a parameter, ``read`` for questions, ``change``
for transitions, ``plain`` for services whose requests hold nothing to be wrong, ``back`` for parameters that are set to what
they were, ``huge`` for what was too large; ``services`` are those that the node has. A request without an answer after 20 s
is printed as ``silent``. Ends with ``done``.
"""

import math
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

from events import say
from hbm_img_msgs.msg import HbmMsg480P
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState, GetAvailableStates, GetAvailableTransitions, GetState
from rcl_interfaces.msg import Parameter, ParameterValue
from rcl_interfaces.srv import (
    DescribeParameters,
    GetParameters,
    GetParameterTypes,
    ListParameters,
    SetParameters,
    SetParametersAtomically,
)
from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy
from rclpy.serialization import serialize_message
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CameraInfo, Image
from spinning import spinning
from std_srvs.srv import SetBool
from type_description_interfaces.srv import GetTypeDescription

INT64_MIN, INT64_MAX = -(2**63), 2**63 - 1
MANY = 1000
ODD_NAMES = ['', ' ', '.', 'nope', '__proto__', 'constructor', 'score_threshold.', 'größe', 'x' * 50_000]


def values() -> Iterator[ParameterValue]:
    """At least one value of every type, of types that do not exist too."""
    for number in (0, 10, 200, 255):
        yield ParameterValue(type=number)
    for flag in (False, True):
        yield ParameterValue(type=1, bool_value=flag)
    for whole in (0, 1, -1, INT64_MIN, INT64_MAX):
        yield ParameterValue(type=2, integer_value=whole)
    for real in (0.5, -0.0, math.nan, math.inf, -math.inf, sys.float_info.max):
        yield ParameterValue(type=3, double_value=real)
    for text in ('', 'all', '\x00', 'ü', 'x' * 100_000):
        yield ParameterValue(type=4, string_value=text)
    for size in (0, 1, MANY):
        yield ParameterValue(type=5, byte_array_value=[b'\xff'] * size)
        yield ParameterValue(type=6, bool_array_value=[True] * size)
        yield ParameterValue(type=7, integer_array_value=[2] * size)
        yield ParameterValue(type=8, double_array_value=[math.nan] * size)
        yield ParameterValue(type=9, string_array_value=['all'] * size)
    yield ParameterValue(type=7, integer_array_value=[INT64_MIN, INT64_MAX])


class Hostile:
    """Clients of one node's services."""

    def __init__(self, node: Node, name: str) -> None:
        self.node = node
        self.name = name
        self.clients: dict[str, Any] = {}

    def call(self, service: str, request: Any) -> Any:
        """The answer, or None where none comes."""
        service_class = next(kind for kind in SERVICES[service] if isinstance(request, kind.Request))
        client = self.clients.get(service)
        if client is None:
            client = self.clients[service] = self.node.create_client(service_class, f'{self.name}/{service}')
            client.wait_for_service(20)
        # An answer may be lost until both sides have found each other: then it is asked again.
        for _ in range(2):
            done = threading.Event()
            future = client.call_async(request)
            future.add_done_callback(lambda _, done=done: done.set())
            if done.wait(10):
                return future.result()
        say('silent', service=service, request=type(request).__name__)
        return None

    def names(self) -> list[str]:
        """Every parameter that the node lists."""
        answer = self.call('list_parameters', ListParameters.Request())
        return [] if answer is None else list(answer.result.names)

    def set_everything(self, names: list[str]) -> None:
        """Every value to every name; to every fourth also one by one, by the other service: each takes ten milliseconds."""
        for at, name in enumerate(names):
            parameters = [Parameter(name=name, value=value) for value in values()]
            answer = self.call('set_parameters', SetParameters.Request(parameters=parameters))
            results = [] if answer is None else answer.results
            say('sent', name=name[:60], count=len(parameters), answered=len(results))
            for parameter, result in zip(parameters, results, strict=True):
                self.tell('set', parameter, result)
            for parameter in parameters if at % 4 == 0 else []:
                request = SetParametersAtomically.Request(parameters=[parameter])
                answer = self.call('set_parameters_atomically', request)
                if answer is not None:
                    self.tell('atomic', parameter, answer.result)

    def tell(self, event: str, parameter: Parameter, result: Any) -> None:
        say(event, name=parameter.name[:60], type=parameter.value.type, successful=result.successful, reason=result.reason)

    def read_everything(self, names: list[str]) -> None:
        """Odd questions to the services that only tell."""
        for asked in ([], ODD_NAMES, names + ODD_NAMES, ['score_threshold'] * MANY):
            got = self.call('get_parameters', GetParameters.Request(names=asked))
            types = self.call('get_parameter_types', GetParameterTypes.Request(names=asked))
            described = self.call('describe_parameters', DescribeParameters.Request(names=asked))
            counts = [len(got.values), len(types.types), len(described.descriptors)]
            agree = [value.type for value in got.values] == list(types.types) == [one.type for one in described.descriptors]
            say('read', asked=len(asked), counts=counts, agree=agree)
        for depth in (0, 1, 2, 2**64 - 1):
            for prefixes in ([], [''], ['.'], ['output'], ['class'], ODD_NAMES):
                self.call('list_parameters', ListParameters.Request(prefixes=prefixes, depth=depth))
        hashes = ('', 'RIHS01_', 'RIHS01_' + 'f' * 64, 'x' * 10_000)
        for type_name in ('', 'no/such/Type', 'x' * 10_000, 'sensor_msgs/msg/Image'):
            for type_hash in hashes:
                request = GetTypeDescription.Request(type_name=type_name, type_hash=type_hash, include_type_sources=True)
                self.call('get_type_description', request)

    def ask_plainly(self) -> None:
        """Every service whose request holds nothing that could be wrong, again and again."""
        for service in ('get_state', 'get_available_states', 'get_available_transitions', 'get_transition_graph'):
            for _ in range(20):
                answer = self.call(service, SERVICES[service][0].Request())
                say('plain', service=service, answered=answer is not None)
        for flag in [True, False] * 10 + [True]:
            answer = self.call('set_enabled', SetBool.Request(data=flag))
            say('plain', service='set_enabled', answered=answer is not None and answer.success)

    def remember(self, names: list[str]) -> list[Parameter]:
        """What each parameter is."""
        found: list[Parameter] = []
        for at in range(0, len(names), 100):
            some = names[at : at + 100]
            answer = self.call('get_parameters', GetParameters.Request(names=some))
            found += [Parameter(name=name, value=value) for name, value in zip(some, answer.values, strict=True)]
        return found

    def set_back(self, parameters: list[Parameter]) -> None:
        """Sets what may be set while the node is active to what it was."""
        results = self.call('set_parameters', SetParameters.Request(parameters=parameters)).results
        for parameter, result in zip(parameters, results, strict=True):
            say('back', name=parameter.name, successful=result.successful, reason=result.reason)

    def change_oddly(self, allowed: set[int]) -> None:
        """Every transition but those that the state allows; only a wrong answer changes anything."""
        transitions = [Transition(id=number) for number in range(256) if number not in allowed]
        transitions += [Transition(id=1, label=label) for label in ('no such', 'x' * 10_000, '\x00', 'transition_success')]
        for transition in transitions:
            answer = self.call('change_state', ChangeState.Request(transition=transition))
            if answer is not None:
                say('change', id=transition.id, label=transition.label[:20], success=answer.success)


def huge_values() -> Iterator[ParameterValue]:
    """Values of more than a megabyte, and one of many items."""
    count = 1_100_000
    yield ParameterValue(type=7, integer_array_value=[2] * 10_000)
    yield ParameterValue(type=4, string_value='x' * count)
    yield ParameterValue(type=5, byte_array_value=[b'\xff'] * count)
    yield ParameterValue(type=6, bool_array_value=[True] * count)
    yield ParameterValue(type=7, integer_array_value=[2] * count)
    yield ParameterValue(type=8, double_array_value=[math.nan] * count)
    yield ParameterValue(type=9, string_array_value=['all'] * count)


def ask_hugely(hostile: Hostile) -> None:
    """Requests of a size that nobody needs, to every service that takes texts or lists."""
    names = ['a'] * 1_000_000
    parameters = [[Parameter(name='classes', value=value)] for value in huge_values()]
    parameters += [[Parameter(name='classes')] * count for count in (2000, 100_000)]
    asked: list[tuple[str, Any]] = [
        ('list_parameters', ListParameters.Request(prefixes=names)),
        ('describe_parameters', DescribeParameters.Request(names=names)),
        ('get_parameters', GetParameters.Request(names=names)),
        ('get_parameter_types', GetParameterTypes.Request(names=names)),
        ('change_state', ChangeState.Request(transition=Transition(label='x' * 1_100_000))),
        ('get_type_description', GetTypeDescription.Request(type_name='x' * 1_100_000)),
    ]
    asked += [('set_parameters', SetParameters.Request(parameters=some)) for some in parameters]
    asked += [('set_parameters_atomically', SetParametersAtomically.Request(parameters=some)) for some in parameters]
    for service, request in asked:
        answer = hostile.call(service, request)
        results = [] if answer is None else getattr(answer, 'results', None) or [getattr(answer, 'result', None)]
        reasons = [getattr(result, 'reason', '') for result in results]
        refused = getattr(answer, 'failure_reason', '') or ''.join(sorted(set(reasons)))
        say('huge', service=service, answered=len(reasons), reason=refused)


def send_garbage(node: Node, message: Any, topic: str) -> None:
    """Bytes that are no message to a topic, as often as it takes to be sure that some arrive."""
    qos = QoSProfile(depth=5, reliability=ReliabilityPolicy.BEST_EFFORT)
    publisher = node.create_publisher(type(message), topic, qos)
    whole = serialize_message(message)
    head = whole[:4]
    pieces = (b'', head, head + b'\xff' * 8, whole[:1000], whole[:-1], b'\xff' * len(whole), head + b'\xff' * (len(whole) - 4))
    while publisher.get_subscription_count() == 0:
        time.sleep(0.05)
    for piece in pieces * 5:
        publisher.publish(piece)
        time.sleep(0.02)
    node.destroy_publisher(publisher)


SERVICES: dict[str, tuple[Any, ...]] = {
    'list_parameters': (ListParameters,),
    'describe_parameters': (DescribeParameters,),
    'get_parameters': (GetParameters,),
    'get_parameter_types': (GetParameterTypes,),
    'set_parameters': (SetParameters,),
    'set_parameters_atomically': (SetParametersAtomically,),
    'get_type_description': (GetTypeDescription,),
    'change_state': (ChangeState,),
    'set_enabled': (SetBool,),
    'get_state': (GetState,),
    'get_available_states': (GetAvailableStates,),
    'get_available_transitions': (GetAvailableTransitions,),
    'get_transition_graph': (GetAvailableTransitions,),
}


def ask_everything(hostile: Hostile) -> None:
    """All of what is not too large to be read."""
    transitions = hostile.call('get_available_transitions', GetAvailableTransitions.Request()).available_transitions
    allowed = {one.transition.id for one in transitions}
    names = hostile.names()
    before = hostile.remember(names)
    hostile.ask_plainly()
    hostile.read_everything(names)
    hostile.set_everything(names + ODD_NAMES)
    hostile.change_oddly(allowed)
    hostile.set_back(before)
    if 'garbage' in sys.argv:
        send_garbage(hostile.node, HbmMsg480P(), 'hbmem_img')
        send_garbage(hostile.node, Image(), '/hostile/depth')
        send_garbage(hostile.node, CameraInfo(), '/hostile/camera_info')
        hostile.set_back([Parameter(name='use_sim_time', value=ParameterValue(type=1, bool_value=True))])
        send_garbage(hostile.node, Clock(), '/clock')
        hostile.set_back([Parameter(name='use_sim_time', value=ParameterValue(type=1, bool_value=False))])
    hostile.read_everything(names)
    namespace, _, name = sys.argv[1].rpartition('/')
    services = hostile.node.get_service_names_and_types_by_node(name, namespace or '/')
    say('services', names=[service for service, _ in services], asked=list(SERVICES))
    say('done', names=names)


def main() -> None:
    """Asks as the command line says."""
    with spinning('hostile') as (node, _):
        hostile = Hostile(node, sys.argv[1])
        if 'huge' in sys.argv:
            ask_hugely(hostile)
            say('done', names=hostile.names())
        else:
            ask_everything(hostile)


main()
