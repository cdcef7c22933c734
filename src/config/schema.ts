import { hbmMessageNames } from '../core/hbmMessages.js';
import { resizeModes } from '../core/geometry.js';
import { scaleFilters, yuvRanges } from '../core/ports.js';
import { limits } from '../core/limits.js';
import { depthParameterSpecs } from './depthSchema.js';
import type { ParameterSpec } from './parameterSpec.js';

/** Every parameter of the node. An rcl YAML file cannot hold an empty list: `['all']` and `['auto']` stand in. */
export const parameterSpecs = [
  {
    name: 'model.path',
    type: 'string',
    default: 'auto',
    timing: 'configure',
    description:
      'Model file (.bin or .hbm for the BPU, .onnx) or recorded tensors (.replay). auto: on a board with the BPU the model of its system image, /opt/hobot/model/x5/basic/yolov8_seg_640x640_nv12.bin; elsewhere the bundled demo model, which knows five synthetic shapes and no real objects.',
  },
  {
    name: 'model.class_names',
    type: 'string_array',
    default: ['auto'],
    timing: 'configure',
    description:
      'Class names in order of class id. auto: the names inside the model file or the manifest beside it (NAME.yaml beside NAME.bin, NAME.hbm or NAME.onnx; docs/models.md), else numbers. coco: the 80 of COCO.',
    mostItems: limits.classes,
  },
  {
    name: 'backend.name',
    type: 'string',
    default: 'auto',
    timing: 'configure',
    description:
      'Inference backend. auto chooses by the suffix of the model; replay looks results up in recorded tensors.',
    choices: ['auto', 'bpu', 'onnx', 'replay'],
  },
  {
    name: 'backend.tasks_in_flight',
    type: 'integer',
    default: 0,
    timing: 'configure',
    description:
      'Inferences at once. 0 leaves it to the backend: 2 for bpu, where the CPU side of one task hides behind the other; 1 for onnx, whose inference fills the CPU, so that a second frame would only age.',
    range: { from: 0, to: 8 },
  },
  {
    name: 'backend.dnn_library',
    type: 'string',
    default: '',
    timing: 'configure',
    description: "Path of the BPU's libdnn.so; empty searches for it as the dynamic loader does.",
  },
  {
    name: 'backend.model_name',
    type: 'string',
    default: '',
    timing: 'configure',
    description: 'Which model of a .bin or .hbm file that holds several; empty takes the only one.',
  },
  {
    name: 'backend.task_timeout_ms',
    type: 'integer',
    default: 1000,
    timing: 'configure',
    description:
      'A task that takes longer on the BPU drops its frame and keeps its memory until it has ended; a second one meanwhile ends the session.',
    range: { from: 10, to: 60_000 },
  },
  {
    name: 'backend.priority',
    type: 'integer',
    default: 0,
    timing: 'configure',
    description:
      'Priority of the tasks on the BPU: of those that wait, of all processes, the highest goes first; a task that runs is not interrupted (docs/cameras.md). Other backends ignore it.',
    range: { from: 0, to: 255 },
  },
  {
    name: 'backend.threads',
    type: 'integer',
    default: 0,
    timing: 'configure',
    description: 'CPU threads inside one ONNX Runtime inference; 0 leaves it to the runtime.',
    range: { from: 0, to: 64 },
  },
  {
    name: 'postprocess.workers',
    type: 'integer',
    default: -1,
    timing: 'configure',
    description:
      'Threads that post-process whole frames of the BPU, each reading the outputs where the BPU wrote them; 0 does it in the main thread. -1 chooses at every configure: as many as hold 182 frames/s by the time of a made-up frame, at most half of the cores and 8 (docs/bpu.md). Other backends ignore it.',
    range: { from: -1, to: 8 },
  },
  {
    name: 'score_threshold',
    type: 'double',
    default: 0.25,
    timing: 'live',
    description: 'Instances must score above this probability.',
    range: { from: 0.001, to: 0.999 },
  },
  {
    name: 'iou_threshold',
    type: 'double',
    default: 0.7,
    timing: 'live',
    description: 'Of two boxes that overlap by more than this IoU the lower score is dropped (NMS).',
    range: { from: 0.01, to: 1 },
  },
  {
    name: 'nms',
    type: 'string',
    default: 'auto',
    timing: 'live',
    description:
      'Whether boxes that overlap suppress each other. auto: yes, but for a model whose heads are known to be one-to-one, such as the one2one heads of YOLO26-seg, which find each object once (docs/models.md). off keeps every box above the score threshold, up to max_detections.',
    choices: ['auto', 'on', 'off'],
  },
  {
    name: 'max_detections',
    type: 'integer',
    default: 100,
    timing: 'live',
    description: 'At most this many instances per frame, best scores first.',
    range: { from: 1, to: 300 },
  },
  {
    name: 'classes',
    type: 'string_array or integer_array',
    default: ['all'],
    timing: 'live',
    description:
      'Classes to report: texts, each a name or else a class id, e.g. ["person", "2"], or class ids as integers, e.g. [0, 2]. ["all"] reports every class.',
    mostItems: limits.classes,
  },
  {
    name: 'class_agnostic_nms',
    type: 'bool',
    default: false,
    timing: 'live',
    description: 'Suppress overlapping boxes across classes too.',
  },
  {
    name: 'tracking.enabled',
    type: 'bool',
    default: false,
    timing: 'live',
    description:
      'Follow objects from frame to frame and put the ids of their tracks into every output (docs/tracking.md).',
  },
  {
    name: 'tracking.masks',
    type: 'bool',
    default: true,
    timing: 'live',
    description:
      'Compare masks beside boxes to tell which object is which. false compares boxes alone, as ByteTrack does.',
  },
  {
    name: 'tracking.high_score',
    type: 'double',
    default: 0.5,
    timing: 'live',
    description:
      'Instances from this score on are matched first, with lost tracks, too; what is left of them may begin tracks.',
    range: { from: 0.001, to: 0.999 },
  },
  {
    name: 'tracking.low_score',
    type: 'double',
    default: 0.1,
    timing: 'live',
    description:
      'Instances from this score up to tracking.high_score may carry on a track of the frame before. One below score_threshold is published only if it does.',
    range: { from: 0.001, to: 0.999 },
  },
  {
    name: 'tracking.new_score',
    type: 'double',
    default: 0.6,
    timing: 'live',
    description:
      'Instances below this score begin no track; those below tracking.high_score do not either way.',
    range: { from: 0.001, to: 0.999 },
  },
  {
    name: 'tracking.match_iou',
    type: 'double',
    default: 0.15,
    timing: 'live',
    description:
      'An instance carries on a track only where their IoU is above this: of the box and mask that are expected and those that are found.',
    range: { from: 0, to: 0.99 },
  },
  {
    name: 'tracking.low_match_iou',
    type: 'double',
    default: 0.4,
    timing: 'live',
    description: 'The same for instances below tracking.high_score.',
    range: { from: 0, to: 0.99 },
  },
  {
    name: 'tracking.max_lost_s',
    type: 'double',
    default: 1,
    timing: 'live',
    description: 'A track ends where its object is not seen for longer than this, by the stamps of frames.',
    range: { from: 0, to: 60 },
  },
  {
    name: 'frame_id',
    type: 'string',
    default: 'camera',
    timing: 'activate',
    description:
      'frame_id of the output headers where the camera sends none, as with HbmMsg; an Image has its own.',
  },
  {
    name: 'cameras.names',
    type: 'string_array',
    default: ['auto'],
    timing: 'startup',
    mostItems: limits.cameras,
    description:
      'Cameras whose frames the one model takes in turn; the topics of each lie in a namespace of its name, ~/NAME/detections and so on (docs/cameras.md). auto: one camera on hbmem_img, whose topics lie in none.',
  },
  {
    name: 'cameras.topics',
    type: 'string_array',
    default: ['auto'],
    timing: 'startup',
    mostItems: limits.cameras,
    description: 'Topic of the frames of each of cameras.names. auto: NAME/hbmem_img.',
  },
  {
    name: 'cameras.frame_ids',
    type: 'string_array',
    default: ['auto'],
    timing: 'startup',
    mostItems: limits.cameras,
    description:
      'frame_id of each of cameras.names where the camera sends none, in place of frame_id. auto: its name.',
  },
  {
    name: 'input.max_rate_hz',
    type: 'double',
    default: 0,
    timing: 'live',
    description:
      'Most frames a second of each camera that are segmented, by their stamps; those between are dropped as thinned. 0 takes every frame that there is room for.',
    range: { from: 0, to: 1000 },
  },
  {
    name: 'input.transport',
    type: 'string',
    default: 'auto',
    timing: 'activate',
    description:
      'What the hbmem_img topic carries: hbmem (hbm_img_msgs), image (sensor_msgs/Image) or compressed (sensor_msgs/CompressedImage). auto reads it from the graph and follows a change.',
    choices: ['auto', 'hbmem', 'image', 'compressed'],
  },
  {
    name: 'input.hbmem_type',
    type: 'string',
    default: 'auto',
    timing: 'activate',
    description:
      'Size of the HbmMsg where the camera sends one. auto reads it from the graph and follows a change.',
    choices: ['auto', ...hbmMessageNames],
  },
  {
    name: 'input.roi.x',
    type: 'integer',
    default: 0,
    timing: 'live',
    description:
      'Left edge of the part of the frame that is segmented, in its pixels; edges are rounded outwards to even ones. Outputs stay in coordinates of the whole frame.',
    range: { from: 0, to: 32768 },
  },
  {
    name: 'input.roi.y',
    type: 'integer',
    default: 0,
    timing: 'live',
    description: 'Upper edge of that part.',
    range: { from: 0, to: 32768 },
  },
  {
    name: 'input.roi.width',
    type: 'integer',
    default: 0,
    timing: 'live',
    description: 'Width of that part; 0 goes up to the right edge.',
    range: { from: 0, to: 32768 },
  },
  {
    name: 'input.roi.height',
    type: 'integer',
    default: 0,
    timing: 'live',
    description: 'Height of that part; 0 goes down to the lower edge.',
    range: { from: 0, to: 32768 },
  },
  {
    name: 'input.yuv_range',
    type: 'string',
    default: 'full',
    timing: 'configure',
    description: 'BT.601 range of the camera: full (0..255, as MIPI cameras and JPEG) or limited (16..235).',
    choices: yuvRanges,
  },
  {
    name: 'input.resize_mode',
    type: 'string',
    default: 'letterbox',
    timing: 'configure',
    description: 'letterbox keeps the aspect ratio and pads with grey 114; stretch fills the model input.',
    choices: resizeModes,
  },
  {
    name: 'input.scale_filter',
    type: 'string',
    default: 'auto',
    timing: 'configure',
    description: 'Downscale filter. auto takes box for reductions above 2, bilinear else.',
    choices: scaleFilters,
  },
  ...depthParameterSpecs,
  {
    name: 'output.detections',
    type: 'bool',
    default: true,
    timing: 'live',
    description: 'Publish ~/detections while somebody subscribes.',
  },
  {
    name: 'output.masks',
    type: 'bool',
    default: true,
    timing: 'live',
    description: 'Publish ~/masks while somebody subscribes.',
  },
  {
    name: 'output.mask_encoding',
    type: 'string',
    default: 'mono8',
    timing: 'live',
    description: 'How ~/masks carries pixels: mono8 bytes or rle run lengths.',
    choices: ['mono8', 'rle'],
  },
  {
    name: 'output.mask_contours',
    type: 'bool',
    default: false,
    timing: 'live',
    description: 'Put the outlines of every part and hole of each mask into ~/masks too.',
  },
  {
    name: 'output.contour_tolerance_px',
    type: 'double',
    default: 0.5,
    timing: 'live',
    description:
      'Most that outlines, in ~/masks and ~/annotations, may be off the edge of the mask to need fewer points, source pixels. 0 keeps every point.',
    range: { from: 0, to: 10 },
  },
  {
    name: 'output.class_id_text',
    type: 'string',
    default: 'name',
    timing: 'live',
    description: 'What class_id strings hold: the class name or its number.',
    choices: ['name', 'number'],
  },
  {
    name: 'output.label_map',
    type: 'string',
    default: 'class',
    timing: 'live',
    description:
      'What ~/label_map holds while somebody subscribes: class id + 1, index in the detections + 1, or the id of the track (32SC1; an instance without one has its index + 1, negative); 0 is background. none publishes neither it nor ~/label_info.',
    choices: ['none', 'class', 'instance', 'track'],
  },
  {
    name: 'output.confidence_map',
    type: 'bool',
    default: true,
    timing: 'live',
    description:
      'Publish ~/confidence_map while somebody subscribes: the score of what ~/label_map shows, as bytes up to 255.',
  },
  {
    name: 'output.perception_targets',
    type: 'bool',
    default: true,
    timing: 'live',
    description:
      'Publish hobot_dnn_detection and hobot_dnn_detection_info, as nodes of TROS read them, while somebody subscribes.',
  },
  {
    name: 'output.perception_spare_value',
    type: 'bool',
    default: false,
    timing: 'live',
    description:
      'Put one value more behind the label map in hobot_dnn_detection, for web viewers that read one value beyond its end. Other consumers refuse a map of another length than width x height.',
  },
  {
    name: 'output.annotations',
    type: 'bool',
    default: true,
    timing: 'live',
    description:
      'Publish ~/annotations while somebody subscribes: boxes, outlines of masks and texts, which a viewer draws over the picture of the camera.',
  },
  {
    name: 'output.detections3d',
    type: 'bool',
    default: true,
    timing: 'live',
    description: 'Publish ~/detections3d while somebody subscribes, with input.depth.',
  },
  {
    name: 'output.points',
    type: 'bool',
    default: true,
    timing: 'live',
    description: 'Publish ~/points while somebody subscribes, with input.depth.',
  },
  {
    name: 'output.points_organised',
    type: 'bool',
    default: false,
    timing: 'live',
    description:
      'Give ~/points the rows and columns of the depth picture, NaN where no instance is, instead of the points of instances alone.',
  },
  {
    name: 'output.overlay',
    type: 'bool',
    default: true,
    timing: 'live',
    description: 'Publish ~/overlay and ~/overlay/compressed while somebody subscribes.',
  },
  {
    name: 'overlay.scale',
    type: 'double',
    default: 0.5,
    timing: 'live',
    description: 'Size of the overlay relative to the source frame; no side gets more than 4096 pixels.',
    range: { from: 0.1, to: 1 },
  },
  {
    name: 'overlay.max_rate_hz',
    type: 'double',
    default: 15,
    timing: 'live',
    description: 'The overlay is drawn at most this often.',
    range: { from: 0.1, to: 120 },
  },
  {
    name: 'overlay.jpeg_quality',
    type: 'integer',
    default: 80,
    timing: 'live',
    description: 'JPEG quality of ~/overlay/compressed.',
    range: { from: 1, to: 100 },
  },
  {
    name: 'diagnostics.max_latency_ms',
    type: 'double',
    default: 0,
    timing: 'live',
    description:
      'Most that the p95 of the age of results may be, from the stamp to the publishing; above it /diagnostics warns, above twice of it it is an error. 0 judges nothing.',
    range: { from: 0, to: 60_000 },
  },
  {
    name: 'diagnostics.min_rate_hz',
    type: 'double',
    default: 0,
    timing: 'live',
    description:
      'Least results a second; below it /diagnostics warns, below half of it it is an error. 0 judges nothing.',
    range: { from: 0, to: 240 },
  },
  {
    name: 'diagnostic_updater.period',
    type: 'double',
    default: 1,
    timing: 'live',
    description: 'Seconds between two messages on /diagnostics.',
    range: { from: 0.05, to: 3600 },
  },
  {
    name: 'enabled',
    type: 'bool',
    default: true,
    timing: 'live',
    description:
      'Take frames while the node is active. false ends the subscription and keeps the model loaded, as the service ~/set_enabled does.',
  },
  {
    name: 'autostart',
    type: 'bool',
    default: true,
    timing: 'startup',
    description: 'Configure and activate at start; false waits for a lifecycle manager.',
  },
] as const satisfies readonly ParameterSpec[];

type OwnSpec = (typeof parameterSpecs)[number];

/** Names of the node's own parameters. */
export type ParameterName = OwnSpec['name'];

interface ValueOfType {
  readonly bool: boolean;
  readonly integer: number;
  readonly double: number;
  readonly string: string;
  readonly string_array: readonly string[];
  readonly 'string_array or integer_array': readonly string[] | readonly number[];
}

type ValueOf<Spec extends OwnSpec> = Spec extends { readonly choices: readonly (infer Choice)[] }
  ? Choice
  : ValueOfType[Spec['type']];

/** The node's own parameters, checked, by name; the types are those of the schema. */
export type ParameterValues = { readonly [Spec in OwnSpec as Spec['name']]: ValueOf<Spec> };

/** Parameters that every node of ROS 2 has; launch files give them to all nodes alike. */
export const commonParameterSpecs = [
  {
    name: 'use_sim_time',
    type: 'bool',
    default: false,
    timing: 'live',
    description:
      'Take the time of the node from /clock, which a bag or a simulator publishes; stamps of frames are not changed by it.',
  },
  {
    name: 'start_type_description_service',
    type: 'bool',
    default: true,
    timing: 'startup',
    description: 'Start the ~/get_type_description service, where this ROS distribution has it.',
  },
] as const satisfies readonly ParameterSpec[];
