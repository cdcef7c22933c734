import { hbmMessages } from '../core/hbmMessages.js';

/**
 * Message definitions in the `ros2msg` form of MCAP: the type's own fields, then each type it uses behind a line
 * of 80 equals signs and `MSG: package/Type`.
 */

const fields: Record<string, string> = {
  'builtin_interfaces/Time': 'int32 sec\nuint32 nanosec',
  'std_msgs/Header': 'builtin_interfaces/Time stamp\nstring frame_id',
  'geometry_msgs/Point': 'float64 x\nfloat64 y\nfloat64 z',
  'geometry_msgs/Quaternion': 'float64 x 0\nfloat64 y 0\nfloat64 z 0\nfloat64 w 1',
  'geometry_msgs/Pose': 'geometry_msgs/Point position\ngeometry_msgs/Quaternion orientation',
  'geometry_msgs/PoseWithCovariance': 'geometry_msgs/Pose pose\nfloat64[36] covariance',
  'geometry_msgs/Point32': 'float32 x\nfloat32 y\nfloat32 z',
  'geometry_msgs/Polygon': 'geometry_msgs/Point32[] points',
  'vision_msgs/Point2D': 'float64 x\nfloat64 y',
  'vision_msgs/Pose2D': 'vision_msgs/Point2D position\nfloat64 theta',
  'vision_msgs/BoundingBox2D': 'vision_msgs/Pose2D center\nfloat64 size_x\nfloat64 size_y',
  'vision_msgs/ObjectHypothesis': 'string class_id\nfloat64 score',
  'vision_msgs/ObjectHypothesisWithPose':
    'vision_msgs/ObjectHypothesis hypothesis\ngeometry_msgs/PoseWithCovariance pose',
  'vision_msgs/Detection2D':
    'std_msgs/Header header\nvision_msgs/ObjectHypothesisWithPose[] results\nvision_msgs/BoundingBox2D bbox\nstring id',
  'vision_msgs/Detection2DArray': 'std_msgs/Header header\nvision_msgs/Detection2D[] detections',
  'geometry_msgs/Vector3': 'float64 x\nfloat64 y\nfloat64 z',
  'vision_msgs/BoundingBox3D': 'geometry_msgs/Pose center\ngeometry_msgs/Vector3 size',
  'vision_msgs/Detection3D':
    'std_msgs/Header header\nvision_msgs/ObjectHypothesisWithPose[] results\nvision_msgs/BoundingBox3D bbox\nstring id',
  'vision_msgs/Detection3DArray': 'std_msgs/Header header\nvision_msgs/Detection3D[] detections',
  'rdk_yolo_seg_msgs/InstanceMask': [
    'uint8 ENCODING_MONO8=0',
    'uint8 ENCODING_RLE=1',
    'string id',
    'string class_id',
    'float32 score',
    'uint32 x_offset',
    'uint32 y_offset',
    'uint32 width',
    'uint32 height',
    'uint8 encoding',
    'uint8[] data',
    'uint32[] run_lengths',
    'geometry_msgs/Polygon[] contours',
  ].join('\n'),
  'rdk_yolo_seg_msgs/InstanceMaskArray':
    'std_msgs/Header header\nuint32 image_width\nuint32 image_height\nrdk_yolo_seg_msgs/InstanceMask[] masks',
  'vision_msgs/VisionClass': 'uint16 class_id\nstring class_name',
  'vision_msgs/LabelInfo': 'std_msgs/Header header\nvision_msgs/VisionClass[] class_map\nfloat32 threshold',
  'sensor_msgs/Image': [
    'std_msgs/Header header',
    'uint32 height',
    'uint32 width',
    'string encoding',
    'uint8 is_bigendian',
    'uint32 step',
    'uint8[] data',
  ].join('\n'),
  'sensor_msgs/CompressedImage': 'std_msgs/Header header\nstring format\nuint8[] data',
  'sensor_msgs/RegionOfInterest':
    'uint32 x_offset\nuint32 y_offset\nuint32 height\nuint32 width\nbool do_rectify',
  'sensor_msgs/CameraInfo': [
    'std_msgs/Header header',
    'uint32 height',
    'uint32 width',
    'string distortion_model',
    'float64[] d',
    'float64[9] k',
    'float64[9] r',
    'float64[12] p',
    'uint32 binning_x',
    'uint32 binning_y',
    'sensor_msgs/RegionOfInterest roi',
  ].join('\n'),
  'sensor_msgs/PointField': [
    'uint8 INT8=1',
    'uint8 UINT8=2',
    'uint8 INT16=3',
    'uint8 UINT16=4',
    'uint8 INT32=5',
    'uint8 UINT32=6',
    'uint8 FLOAT32=7',
    'uint8 FLOAT64=8',
    'string name',
    'uint32 offset',
    'uint8 datatype',
    'uint32 count',
  ].join('\n'),
  'sensor_msgs/PointCloud2': [
    'std_msgs/Header header',
    'uint32 height',
    'uint32 width',
    'sensor_msgs/PointField[] fields',
    'bool is_bigendian',
    'uint32 point_step',
    'uint32 row_step',
    'uint8[] data',
    'bool is_dense',
  ].join('\n'),
  'ai_msgs/Perf': [
    'string type',
    'builtin_interfaces/Time stamp_start',
    'builtin_interfaces/Time stamp_end',
    'float64 time_ms_duration',
  ].join('\n'),
  'ai_msgs/Roi': 'string type\nsensor_msgs/RegionOfInterest rect\nfloat32 confidence',
  'ai_msgs/Attribute': 'string type\nfloat32 value\nfloat32 confidence',
  'ai_msgs/Point': 'string type\ngeometry_msgs/Point32[] point\nfloat32[] confidence',
  'ai_msgs/DBResult': 'string db_type\nstring match_id\nfloat32 distance\nfloat32 similarity',
  'ai_msgs/Capture':
    'std_msgs/Header header\nsensor_msgs/Image img\nfloat32[] features\nai_msgs/DBResult db_result',
  'ai_msgs/Target': [
    'string type',
    'uint64 track_id',
    'ai_msgs/Roi[] rois',
    'ai_msgs/Attribute[] attributes',
    'ai_msgs/Point[] points',
    'ai_msgs/Capture[] captures',
  ].join('\n'),
  'ai_msgs/PerceptionTargets': [
    'std_msgs/Header header',
    'int16 fps',
    'ai_msgs/Perf[] perfs',
    'ai_msgs/Target[] targets',
    'ai_msgs/Target[] disappeared_targets',
  ].join('\n'),
  'ai_msgs/PerceptionInfo': 'std_msgs/Header header\nuint32 height\nuint32 width\nstring[] class_names',
  'foxglove_msgs/Color': 'float64 r\nfloat64 g\nfloat64 b\nfloat64 a',
  'foxglove_msgs/Point2': 'float64 x\nfloat64 y',
  'foxglove_msgs/CircleAnnotation': [
    'builtin_interfaces/Time timestamp',
    'foxglove_msgs/Point2 position',
    'float64 diameter',
    'float64 thickness',
    'foxglove_msgs/Color fill_color',
    'foxglove_msgs/Color outline_color',
  ].join('\n'),
  'foxglove_msgs/PointsAnnotation': [
    'builtin_interfaces/Time timestamp',
    'uint8 UNKNOWN=0',
    'uint8 POINTS=1',
    'uint8 LINE_LOOP=2',
    'uint8 LINE_STRIP=3',
    'uint8 LINE_LIST=4',
    'uint8 type',
    'foxglove_msgs/Point2[] points',
    'foxglove_msgs/Color outline_color',
    'foxglove_msgs/Color[] outline_colors',
    'foxglove_msgs/Color fill_color',
    'float64 thickness',
  ].join('\n'),
  'foxglove_msgs/TextAnnotation': [
    'builtin_interfaces/Time timestamp',
    'foxglove_msgs/Point2 position',
    'string text',
    'float64 font_size',
    'foxglove_msgs/Color text_color',
    'foxglove_msgs/Color background_color',
  ].join('\n'),
  'foxglove_msgs/ImageAnnotations': [
    'foxglove_msgs/CircleAnnotation[] circles',
    'foxglove_msgs/PointsAnnotation[] points',
    'foxglove_msgs/TextAnnotation[] texts',
  ].join('\n'),
  'diagnostic_msgs/KeyValue': 'string key\nstring value',
  'diagnostic_msgs/DiagnosticStatus': [
    'byte OK=0',
    'byte WARN=1',
    'byte ERROR=2',
    'byte STALE=3',
    'byte level',
    'string name',
    'string message',
    'string hardware_id',
    'diagnostic_msgs/KeyValue[] values',
  ].join('\n'),
  'diagnostic_msgs/DiagnosticArray': 'std_msgs/Header header\ndiagnostic_msgs/DiagnosticStatus[] status',
};

for (const { name, capacityBytes } of hbmMessages) {
  fields[`hbm_img_msgs/${name}`] = [
    `uint32 MAX_SIZE=${capacityBytes}`,
    'int32 index',
    'builtin_interfaces/Time time_stamp',
    'uint32 height',
    'uint32 width',
    'uint32 data_size',
    'uint32 step',
    'uint8[12] encoding',
    `uint8[${capacityBytes}] data`,
  ].join('\n');
}

/** Types this package publishes or reads, as ROS names them. */
const publishedTypes = [
  'vision_msgs/msg/Detection2DArray',
  'vision_msgs/msg/Detection3DArray',
  'rdk_yolo_seg_msgs/msg/InstanceMaskArray',
  'sensor_msgs/msg/Image',
  'sensor_msgs/msg/CompressedImage',
  'sensor_msgs/msg/CameraInfo',
  'sensor_msgs/msg/PointCloud2',
  'vision_msgs/msg/LabelInfo',
  'ai_msgs/msg/PerceptionTargets',
  'ai_msgs/msg/PerceptionInfo',
  'foxglove_msgs/msg/ImageAnnotations',
  'diagnostic_msgs/msg/DiagnosticArray',
  'hbm_img_msgs/msg/HbmMsg480P',
  'hbm_img_msgs/msg/HbmMsg540P',
  'hbm_img_msgs/msg/HbmMsg1080P',
] as const;

/** A message type that the node publishes: `vision_msgs/Detection2DArray`. */
export type PublishedType = (typeof publishedTypes)[number];

function usedTypes(type: string, found: string[] = []): string[] {
  for (const [, used] of fields[type]!.matchAll(/^(\w+\/\w+)/gm)) {
    if (found.includes(used!)) continue;
    found.push(used!);
    usedTypes(used!, found);
  }
  return found;
}

/** True for a type whose definition is known here. */
export function isPublishedType(type: string): type is PublishedType {
  return publishedTypes.some((known) => known === type);
}

/** The whole definition of a published type, e.g. for an MCAP schema with encoding `ros2msg`. */
export function messageDefinition(type: PublishedType): string {
  const shortName = type.replace('/msg/', '/');
  const parts = usedTypes(shortName).map((used) => `${'='.repeat(80)}\nMSG: ${used}\n${fields[used]}`);
  return `${[fields[shortName], ...parts].join('\n')}\n`;
}
