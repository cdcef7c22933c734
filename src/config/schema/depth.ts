import { intrinsicsChoices } from '../../core/depths.js';
import type { ParameterSpec } from '../parameterSpec.js';

/** The parameters by which instances are found in depth pictures. */
export const depthParameterSpecs = [
  {
    name: 'input.depth',
    type: 'string',
    default: '',
    timing: 'activate',
    description:
      'Topic of depth pictures (sensor_msgs/Image, mono16 or 16UC1 in millimetres, 32FC1 in metres) that are aligned with the pictures of the camera, as /StereoNetNode/stereonet_depth; empty for none (docs/depth.md). With several cameras {camera} stands for the name of each.',
    topicExample: '/camera/depth',
  },
  {
    name: 'input.depth_info',
    type: 'string',
    default: 'auto',
    timing: 'activate',
    description:
      'Topic of the camera_info of the depth pictures. auto: camera_info below the topic of the depth pictures, else the one beside it.',
    topicExample: '/camera/depth/camera_info',
  },
  {
    name: 'input.camera_info',
    type: 'string',
    default: '',
    timing: 'activate',
    description:
      'Topic of the camera_info of the pictures, for depth pictures that show another part than they do; empty: both show the same part, in sizes of their own.',
    topicExample: '/camera/camera_info',
  },
  {
    name: 'depth.intrinsics',
    type: 'string',
    default: 'auto',
    timing: 'activate',
    description:
      'Which matrix of camera_info belongs to the depth pictures: k, as taken, or p, rectified. auto takes k and refuses where p says otherwise.',
    choices: intrinsicsChoices,
  },
  {
    name: 'depth.tolerance_ms',
    type: 'double',
    default: 20,
    timing: 'live',
    description: 'Stamps of a picture and its depth picture may differ by so much.',
    range: { from: 0, to: 1000 },
  },
  {
    name: 'depth.max_wait_ms',
    type: 'double',
    default: 200,
    timing: 'live',
    description:
      'Outputs that tell of depth wait at most so long for the depth picture and are published without it then; the others never wait.',
    range: { from: 0, to: 5000 },
  },
  {
    name: 'depth.erosion_px',
    type: 'integer',
    default: 1,
    timing: 'live',
    description: 'Masks are eroded by so many pixels of the depth picture before depths are read.',
    range: { from: 0, to: 16 },
  },
  {
    name: 'depth.outlier_factor',
    type: 'double',
    default: 3,
    timing: 'live',
    description:
      'Depths that differ from the median of their instance by more than this many standard deviations (1.4826 MAD), and by more than 1 %, are left out of position, size and points.',
    range: { from: 1, to: 100 },
  },
  {
    name: 'depth.min_valid_share',
    type: 'double',
    default: 0.1,
    timing: 'live',
    description: 'An instance has a place where at least this share of its eroded mask holds a depth.',
    range: { from: 0, to: 1 },
  },
  {
    name: 'depth.min_m',
    type: 'double',
    default: 0,
    timing: 'live',
    description: 'Nearer depths are holes, metres.',
    range: { from: 0, to: 1000 },
  },
  {
    name: 'depth.max_m',
    type: 'double',
    default: 50,
    timing: 'live',
    description: 'Farther depths are holes, metres.',
    range: { from: 0.01, to: 1000 },
  },
] as const satisfies readonly ParameterSpec[];
