import type { ParameterSpec } from '../parameterSpec.js';

/** By what objects are followed from frame to frame. */
export const trackingParameterSpecs = [
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
] as const satisfies readonly ParameterSpec[];
