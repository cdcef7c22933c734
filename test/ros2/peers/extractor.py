"""hobot_stereonet and the node that reads masks and its depth, ai_seg_mask_pointcloud_roi_extractor, as numpy sees them.

Its arguments are the columns and rows of the depth picture, the encoding and the reliability: ``640x360 mono16 reliable``.
For each message on ~/detections a depth picture of a slanted floor with the same stamp and its camera_info are published. When
all outputs of a stamp are there, ``{"event": "frame", ...}`` tells for each instance what the extractor finds (``theirs``),
what numpy finds in the true mask of ~/masks (``exact``), and what the node says (``cloud``, ``detection``, ``attributes``).
Ends with its stdin.
"""

import re
import sys
from array import array
from typing import Any

import numpy
from ai_msgs.msg import PerceptionTargets, Target
from events import say
from rclpy.qos import QoSProfile, ReliabilityPolicy
from rdk_yolo_seg_msgs.msg import InstanceMaskArray
from sensor_msgs.msg import CameraInfo, Image, PointCloud2
from spinning import spinning
from vision_msgs.msg import Detection2DArray, Detection3DArray

columns, rows = (int(side) for side in sys.argv[1].split('x'))
encoding, reliability = sys.argv[2:4]
FX = FY = columns * 0.8
CX, CY = columns / 2 - 0.5, rows / 2 - 0.5
v, u = numpy.mgrid[0:rows, 0:columns]
# Farther to the right, nearer below; a stripe of holes.
metres = 1.5 + 0.8 * u / columns - 0.4 * v / rows
metres[:, columns // 3 : columns // 3 + 4] = 0
TYPES = {'mono16': ('<u2', 1000), '16UC1': ('<u2', 1000), '32FC1': ('<f4', 1)}
dtype, per_metre = TYPES[encoding]
values = (metres * per_metre).round(0 if per_metre > 1 else 6).astype(dtype)
z = values.astype(numpy.float64) / per_metre
points = numpy.stack([(u - CX) / FX * z, (v - CY) / FY * z, z], axis=-1)
seen: dict[tuple[int, int], dict[str, Any]] = {}
OUTPUTS = {'masks', 'targets', 'cloud', 'detections3d'}


def eroded(mask: numpy.ndarray) -> numpy.ndarray:
    """What a 3 x 3 square leaves, beyond the picture all inside."""
    padded = numpy.pad(mask, 1, constant_values=True)
    return numpy.lib.stride_tricks.sliding_window_view(padded, (3, 3)).all(axis=(2, 3))


def enlarged(small: numpy.ndarray, height: int, width: int) -> numpy.ndarray:
    """Nearest sampling at pixel centres."""
    y = (2 * numpy.arange(height) + 1) * small.shape[0] // (2 * height)
    x = (2 * numpy.arange(width) + 1) * small.shape[1] // (2 * width)
    return small[y[:, None], x[None, :]]


def told(mask: numpy.ndarray) -> dict[str, Any]:
    """Median, mean and box of the points of a mask."""
    own = points[mask & (z > 0)]
    if len(own) == 0:
        return {'count': 0}
    median = numpy.median(own[:, 2])
    mad = numpy.median(numpy.abs(own[:, 2] - median))
    near = own[numpy.abs(own[:, 2] - median) <= max(3 * 1.4826 * mad, 0.01 * median) + 1e-9]
    low, high = near.min(axis=0), near.max(axis=0)
    return {
        'count': len(near),
        'median': float(median),
        'mean': near.mean(axis=0).tolist(),
        'centre': ((low + high) / 2).tolist(),
        'size': (high - low).tolist(),
    }


def cloud_of(message: PointCloud2) -> numpy.ndarray:
    """The points as a structured array, by the fields of the message."""
    kinds = {5: '<i4', 6: '<u4', 7: '<f4'}
    layout = {
        'names': [field.name for field in message.fields],
        'formats': [kinds[field.datatype] for field in message.fields],
        'offsets': [field.offset for field in message.fields],
        'itemsize': message.point_step,
    }
    return numpy.frombuffer(bytes(message.data), numpy.dtype(layout))


def meet(a: Target, b: Target) -> bool:
    """Whether the boxes overlap, so that a mask by classes may not tell the two apart."""
    one, other = a.rois[0].rect, b.rois[0].rect
    in_x = one.x_offset < other.x_offset + other.width and other.x_offset < one.x_offset + one.width
    return in_x and one.y_offset < other.y_offset + other.height and other.y_offset < one.y_offset + one.height


def judge(stamp: tuple[int, int], frame: dict[str, Any]) -> None:
    """Compares the outputs of one picture."""
    masks, targets, cloud = frame['masks'], frame['targets'], frame['cloud']
    height, width = masks.image_height, masks.image_width
    capture = next(target.captures[0] for target in targets.targets if target.type == 'parking_space')
    labels = numpy.array(capture.features, numpy.float32).reshape(capture.img.height, capture.img.width)
    labels = enlarged(labels, rows, columns)
    objects = [target for target in targets.targets if target.type != 'parking_space']
    names = {'ball': 1, 'crate': 2, 'cone': 3, 'barrel': 4, 'pallet': 5}
    every = cloud_of(cloud)
    located = {detection.id: detection for detection in frame['detections3d'].detections}
    instances = []
    for number, (mask, target) in enumerate(zip(masks.masks, objects, strict=True), 1):
        whole = numpy.zeros((height, width), bool)
        inside = numpy.frombuffer(bytes(mask.data), numpy.uint8).reshape(mask.height, mask.width) > 0
        whole[mask.y_offset : mask.y_offset + mask.height, mask.x_offset : mask.x_offset + mask.width] = inside
        roi = target.rois[0].rect
        scale = columns / width
        box = numpy.zeros((rows, columns), bool)
        box[
            int(roi.y_offset * rows / height) : int((roi.y_offset + roi.height) * rows / height),
            int(roi.x_offset * scale) : int((roi.x_offset + roi.width) * scale),
        ] = True
        own = every[every['instance_id'] == number]
        detection = located.get(mask.id)
        instances.append(
            {
                'class': target.type,
                'alone': not any(meet(target, other) for other in objects if other is not target),
                'theirs': told(eroded(box & (labels == names[target.type]))),
                'exact': told(eroded(enlarged(whole, rows, columns))),
                'cloud': {
                    'count': len(own),
                    'mean': [float(own[axis].mean()) for axis in 'xyz'] if len(own) else None,
                    'class_ids': numpy.unique(own['class_id']).tolist(),
                    'confidence': float(own['confidence'].max(initial=0)),
                },
                'score': mask.score,
                'detection': None
                if detection is None
                else {
                    'mean': [getattr(detection.results[0].pose.pose.position, axis) for axis in 'xyz'],
                    'centre': [getattr(detection.bbox.center.position, axis) for axis in 'xyz'],
                    'size': [getattr(detection.bbox.size, axis) for axis in 'xyz'],
                    'class': detection.results[0].hypothesis.class_id,
                    'frame': detection.header.frame_id,
                },
                'attributes': {attribute.type: attribute.value for attribute in target.attributes},
            }
        )
    say(
        'frame',
        stamp={'sec': stamp[0], 'nanosec': stamp[1]},
        instances=instances,
        frames=[cloud.header.frame_id, frame['detections3d'].header.frame_id],
        size=[cloud.width, cloud.height],
        dense=cloud.is_dense,
        order=list(located) == [mask.id for mask in masks.masks if mask.id in located],
        fields=[re.sub(r'\W', '', field.name) for field in cloud.fields],
    )


def take(name: str, message: Any) -> None:
    """Keeps an output; judges its picture when it is the last of it."""
    stamp = (message.header.stamp.sec, message.header.stamp.nanosec)
    frame = seen.setdefault(stamp, {})
    frame[name] = message
    if frame.keys() >= OUTPUTS:
        judge(stamp, seen.pop(stamp))


with spinning('StereoNetNode') as (node, _):
    qos = QoSProfile(depth=10, reliability=getattr(ReliabilityPolicy, reliability.upper()))
    depth = node.create_publisher(Image, '/StereoNetNode/stereonet_depth', qos)
    infos = node.create_publisher(CameraInfo, '/StereoNetNode/stereonet_depth/camera_info', qos)

    def answer(message: Detection2DArray) -> None:
        """The depth picture of the picture that was segmented."""
        header = message.header
        header.frame_id = 'left_optical'
        info = CameraInfo(header=header, width=columns, height=rows)
        info.k = [FX, 0.0, CX, 0.0, FY, CY, 0.0, 0.0, 1.0]
        infos.publish(info)
        picture = Image(header=header, width=columns, height=rows, encoding=encoding)
        picture.step = columns * values.itemsize
        # Bytes would be checked one by one.
        picture.data = array('B', values.tobytes())
        depth.publish(picture)

    subscriptions = [
        node.create_subscription(Detection2DArray, '/yolo_seg/detections', answer, 10),
        node.create_subscription(InstanceMaskArray, '/yolo_seg/masks', lambda m: take('masks', m), 10),
        node.create_subscription(PerceptionTargets, '/hobot_dnn_detection', lambda m: take('targets', m), 10),
        node.create_subscription(PointCloud2, '/yolo_seg/points', lambda m: take('cloud', m), 10),
        node.create_subscription(Detection3DArray, '/yolo_seg/detections3d', lambda m: take('detections3d', m), 10),
    ]
    say('ready')
    sys.stdin.read()
