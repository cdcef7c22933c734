import { resizeModes } from '../../core/geometry.js';
import { hbmMessageNames } from '../../core/hbmMessages.js';
import { limits } from '../../core/limits.js';
import { scaleFilters, yuvRanges } from '../../core/ports.js';
import type { ParameterSpec } from '../parameterSpec.js';

/** Where frames come from, which of them are taken, and how they become model inputs. */
export const inputParameterSpecs = [
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
] as const satisfies readonly ParameterSpec[];
