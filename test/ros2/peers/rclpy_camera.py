"""A camera written against rclpy: proves that fields mean the same to an implementation that is not ours."""
import sys
import time

import numpy
import rclpy
from builtin_interfaces.msg import Time
from events import say
from hbm_img_msgs.msg import HbmMsg480P
from rclpy.qos import QoSProfile, ReliabilityPolicy

count = int(sys.argv[1])
rclpy.init()
node = rclpy.create_node('test_rclpy_camera')
publisher = node.create_publisher(
    HbmMsg480P, 'hbmem_img', QoSProfile(depth=5, reliability=ReliabilityPolicy.BEST_EFFORT)
)
say('ready')
while publisher.get_subscription_count() < 1:
    time.sleep(0.01)
for index in range(count):
    message = HbmMsg480P()
    message.index = index
    message.time_stamp = Time(sec=1700000000 + index, nanosec=123456789)
    message.width = 640
    message.height = 480
    message.step = 640
    message.data_size = 640 * 480 * 3 // 2
    message.encoding = numpy.frombuffer(b'NV12\0\0\0\0\0\0\0\0', dtype=numpy.uint8)
    half = message.data_size // 2
    message.data[:half] = (index * 7 + 1) & 255
    message.data[half:message.data_size] = (index * 13 + 5) & 255
    publisher.publish(message)
    time.sleep(0.03)
say('sent')
sys.stdin.read()
node.destroy_node()
rclpy.shutdown()
