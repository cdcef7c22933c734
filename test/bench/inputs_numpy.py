"""From a camera's stamp to a model input in rclpy and numpy, as nodes in Python do it; called by test/bench/inputs.mjs.

Usage: inputs_numpy.py FRAMES; prints what test/bench/support/inputReceiver.mjs prints. An Image of bgr8 becomes planes of
float by a view of its bytes, box means over whole pixels and a transposition.
"""

import json
import resource
import sys
import time

import numpy
import rclpy
from rclpy.qos import QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import Image

WARM_UP = 10
SIDE = 640
frames = int(sys.argv[1])
times = []
planes = numpy.full((3, SIDE, SIDE), 114 / 255, dtype=numpy.float32)
cpu_start = 0.0


def cpu_ms() -> float:
    """Of all threads of this process."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return (usage.ru_utime + usage.ru_stime) * 1000


def prepare(message: Image) -> None:
    """Makes the model input of one message."""
    global cpu_start
    stamp_ns = message.header.stamp.sec * 1_000_000_000 + message.header.stamp.nanosec
    to_js = (time.time_ns() - stamp_ns) / 1e6
    bgr = numpy.frombuffer(message.data, dtype=numpy.uint8).reshape(message.height, message.width, 3)
    ratio = message.width // SIDE
    height = message.height // ratio
    sums = sum(
        bgr[y::ratio, x::ratio].astype(numpy.uint16) for y in range(ratio) for x in range(ratio)
    )
    top = (SIDE - height) // 2
    planes[:, top : top + height] = sums[:, :, ::-1].transpose(2, 0, 1) / numpy.float32(255 * ratio * ratio)
    times.append({'toJsMs': to_js, 'toInputMs': (time.time_ns() - stamp_ns) / 1e6})
    if len(times) == WARM_UP:
        cpu_start = cpu_ms()


rclpy.init()
node = rclpy.create_node('bench_receiver')
qos = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)
node.create_subscription(Image, 'hbmem_img', prepare, qos)
deadline = time.monotonic() + 30
while len(times) < WARM_UP + frames and time.monotonic() < deadline:
    rclpy.spin_once(node, timeout_sec=1)
means = planes.mean((1, 2), numpy.float64).tolist()
print(json.dumps({'times': times[WARM_UP:], 'cpuMs': cpu_ms() - cpu_start, 'planeMeans': means}))
node.destroy_node()
rclpy.shutdown()
