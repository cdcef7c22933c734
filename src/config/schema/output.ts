import type { ParameterSpec } from '../parameterSpec.js';

/** What is published, and how. */
export const outputParameterSpecs = [
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
] as const satisfies readonly ParameterSpec[];
