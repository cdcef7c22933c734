import { counted } from '../core/words.js';
import type { CameraLog } from './cameraLog.js';
import { type Evaluation, framesThatDiffer, type JudgedFrame } from '../evaluate/evaluate.js';
import type { IdentityFigures } from '../evaluate/identity.js';
import { framewiseOutputs, type OutputName, type ObservedOutputs } from './observedOutputs.js';

const leastMaskIou = 0.8;
const leastRecall = 0.8;
/** With the demo model: at every frame rate of a PC, with what it misses. */
const leastIdf1 = 0.6;
/** Fewer frames say little about accuracy, even from a slow machine. */
const leastOutputs = 10;

/** One thing that must hold for the demo to have worked. */
export interface Criterion {
  readonly name: string;
  readonly passed: boolean;
  /** The figures it was decided by. */
  readonly found: string;
}

/** Outputs with a stamp that no input frame had, and stamps seen before on the same topic. */
export interface StampCheck {
  readonly unknown: number;
  readonly repeated: number;
}

/**
 * Compares the stamps of the outputs with those the camera says it sent.
 *
 * @internal Exported for tests.
 */
export function checkStamps(stamps: readonly bigint[], camera: CameraLog): StampCheck {
  return {
    unknown: stamps.filter((stampNs) => !camera.pictures.has(stampNs)).length,
    repeated: stamps.length - new Set(stamps).size,
  };
}

function figure(value: number | null): string {
  return value === null ? 'nothing to measure' : value.toFixed(3);
}

/** Judges a recording; figures that are missing fail. */
export function judge(observed: ObservedOutputs, camera: CameraLog, evaluation: Evaluation): Criterion[] {
  const names: readonly OutputName[] = ['detections', 'masks', 'overlay'];
  const counts = names.map((name) => `${name} ${observed.stamps[name].length}`).join(', ');
  const checks = names.map((name) => checkStamps(observed.stamps[name], camera));
  const unknown = checks.reduce((sum, check) => sum + check.unknown, 0);
  const repeated = checks.reduce((sum, check) => sum + check.repeated, 0);
  const missing = framewiseOutputs.map((name) => observed.missing(name));
  const disagreements = observed.disagreements();
  const nodeLoaned = observed.figures.number('input.loaned');
  const nodeCopied = observed.figures.number('input.copied');
  const { clearlyVisibleIou, recall } = evaluation;
  const sent = camera.loaned + camera.copied;
  const wantedOutputs = Math.max(1, Math.min(leastOutputs, Math.floor(sent / 2)));
  return [
    {
      name: `at least ${wantedOutputs} of every output were received`,
      passed: names.every((name) => observed.stamps[name].length >= wantedOutputs),
      found: counts,
    },
    {
      name: 'every stamp is that of one input frame',
      passed: unknown === 0 && repeated === 0,
      found: `${unknown} unknown, ${repeated} repeated`,
    },
    {
      name: 'no output lacks a frame that another one has',
      passed: missing.every((count) => count === 0),
      found: framewiseOutputs.map((name, i) => `${name} ${missing[i] ?? 'none came at all'}`).join(', '),
    },
    {
      name: 'masks and detections of a frame agree',
      passed: disagreements === 0,
      found: `${disagreements} of ${counted(observed.masks.length, 'frame')} differ`,
    },
    {
      name: 'frames came as loans',
      passed: camera.loaned > 0 && camera.copied === 0 && (nodeLoaned ?? 0) > 0 && nodeCopied === 0,
      found: `sent: loaned ${camera.loaned}, copied ${camera.copied}; received: loaned ${nodeLoaned ?? 'unknown'}, copied ${nodeCopied ?? 'unknown'}`,
    },
    {
      name: `mask IoU of clearly visible objects >= ${leastMaskIou}`,
      passed: (clearlyVisibleIou ?? 0) >= leastMaskIou,
      found: figure(clearlyVisibleIou),
    },
    {
      name: `recall of clearly visible objects >= ${leastRecall}`,
      passed: (recall ?? 0) >= leastRecall,
      found: figure(recall),
    },
  ];
}

/** Judges whether objects kept their tracks, through occlusions too. */
export function judgeIdentity({ idf1, switches }: IdentityFigures): Criterion {
  return {
    name: `IDF1 of all objects >= ${leastIdf1}`,
    passed: (idf1 ?? 0) >= leastIdf1,
    found: `${figure(idf1)}, ${counted(switches, 'switch', 'switches')}`,
  };
}

/** Judges outputs whose picture says exactly what they must be. */
export function judgeExactness(frames: readonly JudgedFrame[]): Criterion {
  const differing = framesThatDiffer(frames);
  return {
    name: 'classes, scores and masks are those expected, to the last pixel',
    passed: frames.length > 0 && differing === 0,
    found: `${differing} of ${counted(frames.length, 'frame')} differ`,
  };
}
