import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { framesPath, recordingPath, renderRecording } from '#dist/backends/replay/recordingFile.js';
import type { TensorSpec } from '#dist/core/tensor.js';
import { fakednnMagic, type OutputInfo, renderModelInfo } from '../../../tools/fakednn/modelInfo.mjs';

const boxes: TensorSpec = {
  name: 'boxes',
  type: 's32',
  dims: [1, 2, 2, 3],
  strideBytes: [48, 24, 12, 4],
  quantisation: {
    kind: 'scale',
    quantScales: Float32Array.of(0.5, 0.25, 0.125),
    zeroPoints: new Int32Array(0),
    axis: 3,
  },
};
const scores: TensorSpec = {
  name: 'scores',
  type: 'f32',
  dims: [1, 1, 2, 2],
  strideBytes: [16, 16, 8, 4],
  quantisation: { kind: 'none' },
};

/** The model has the outputs in another order than the recording, and rows of its boxes are padded. */
const outputs: readonly OutputInfo[] = [
  scores,
  { ...boxes, alignedDims: [1, 2, 2, 4], strideBytes: [64, 32, 16, 4] },
];

const settings = (...lines: readonly string[]) => fakednnMagic + lines.map((line) => `${line}\n`).join('');
const size = { widthPx: 64, heightPx: 64 };
const info = (name: string, input: object = {}) => renderModelInfo(name, { ...size, ...input }, outputs);

const recorded: Readonly<Record<string, string>> = {
  padded: settings() + info('padded'),
  pitched: settings() + info('pitched', { pitchBytes: 80 }),
  odd: settings() + info('odd', { widthPx: 63, pitchBytes: 64 }),
  rgb: settings() + info('rgb', { type: 'RGB', widthPx: 8, heightPx: 4, pitchBytes: 16 }),
  stray: settings('fault: hbDNNInfer 1 hang 20') + info('stray'),
  failing:
    settings('core_ms: 20', 'fault: hbDNNWaitTaskDone 1 -6000012', 'fault: hbDNNWaitTaskDone 2 -6000008') +
    info('failing'),
  unwaited: settings('core_ms: 50', 'fault: hbDNNWaitTaskDone 1 -6000011') + info('unwaited'),
  begun: settings('fault: hbDNNInfer 1 begun -6000007', 'fault: hbDNNInfer 2 0') + info('begun'),
  // The first list of names is what the scenario finds the model by.
  unusable:
    settings('fault: hbDNNGetModelNameList 2 null', 'fault: hbSysAllocCachedMem 1 skewed') + info('unusable'),
  faulty:
    settings(
      'fault: hbDNNInfer 1 -6000012',
      'fault: hbDNNInfer 2 -6000009',
      'fault: hbDNNWaitTaskDone 1 -6000014',
      'fault: hbSysFlushMem.CLEAN 2 -6000129',
      'fault: hbSysFlushMem.INVALIDATE 2+ -6000129',
      'fault: hbSysAllocCachedMem 4 -6000130',
      'fault: hbSysFreeMem 1 -6000129',
      'fault: hbDNNRelease 1 -6000013',
    ) + info('faulty'),
};

/** Without recordings: all outputs are zeros. */
const timed: Readonly<Record<string, string>> = {
  timed: settings('core_ms: 10') + info('timed'),
  slow: settings('core_ms: 50') + info('slow'),
  x5: settings('core_ms: 5.5', 'host_ms: 4.9') + info('x5'),
  two: settings() + info('first') + info('second'),
  random: settings('random_faults: 7 0.1') + info('random'),
  jammed: settings('fault: hbDNNInfer 1 jam') + info('jammed'),
  jamming: settings('core_ms: 10', 'fault: hbDNNInfer 1 jam 40') + info('jamming'),
  unreleased: settings('core_ms: 50', 'fault: hbDNNReleaseTask 1 -6000011') + info('unreleased'),
  hung: settings('fault: hbDNNInfer 1 hang') + info('hung'),
  late: settings('fault: hbDNNInfer 2 late 30') + info('late'),
};

/** Writes all models of the scenarios into this folder. */
export function writeModels(folder: string): void {
  const recording = join(folder, 'padded.replay');
  mkdirSync(framesPath(recording), { recursive: true });
  writeFileSync(
    recordingPath(recording),
    renderRecording({
      model: 'made up',
      form: 'nv12',
      inputWidthPx: 64,
      inputHeightPx: 64,
      preprocess: { resizeMode: 'letterbox', yuvRange: 'full', scaleFilter: 'auto' },
      classScores: 'logits',
      oneToOne: false,
      heads: null,
      classNames: ['thing'],
      outputs: [boxes, scores],
      frames: [],
    }),
  );
  for (const [name, text] of Object.entries({ ...recorded, ...timed })) {
    writeFileSync(join(folder, `${name}.bin`), text);
    if (name in recorded && name !== 'padded') symlinkSync(recording, join(folder, `${name}.replay`));
  }
  symlinkSync(recording, join(folder, 'padded2.replay'));
}
