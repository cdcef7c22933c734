import type { PostprocessOptions } from '../core/result.js';

/** What of post-processing a protocol decides. */
export type Protocol = Pick<
  PostprocessOptions,
  'everyClass' | 'scoreThreshold' | 'iouThreshold' | 'maxDetections'
>;

const iouThreshold = 0.7;
const maxDetections = 300;

/** Ways to choose what AP is computed of; published figures name theirs. */
export const protocols = {
  /** That of Ultralytics' validation: every class of a cell is a detection. */
  ultralytics: { everyClass: true, scoreThreshold: 0.001, iouThreshold, maxDetections },
  /** The node's way of choosing, the best class of a cell, from the low scores on that AP is made of. */
  node: { everyClass: false, scoreThreshold: 0.001, iouThreshold, maxDetections },
  /** That of the tables of D-Robotics' model zoo: what is shown to a user. */
  zoo: { everyClass: false, scoreThreshold: 0.25, iouThreshold, maxDetections },
} as const satisfies Record<string, Protocol>;

/** One of them, by name. */
export type ProtocolName = keyof typeof protocols;

/** Their names, the default first. */
export const protocolNames = Object.keys(protocols) as readonly ProtocolName[];
