import { expect, it } from 'vitest';
import {
  BackendError,
  ConfigError,
  FrameError,
  ModelContractError,
  SegError,
  TransportError,
} from '#dist/core/errors.js';
import { faultOf } from '#dist/doctor/steps.js';
import { nativeErrorClasses } from '#dist/native/errors.js';

const remedyOf = (error: unknown, id = 'model.load') => faultOf(id, error).remedy;
/** Advice that sends a user to his model. */
const ofModel = /model info|docs\/models\.md/;

it.each([
  new ModelContractError('bpu_model', 'a file of another chip'),
  new ModelContractError('heads', 'no head'),
  new ModelContractError('manifest', 'no map'),
  new ModelContractError('model_truncated', 'half of it'),
  new ModelContractError('onnx_run', 'no such operator'),
])('%s is looked for in the model', (error) => {
  expect(remedyOf(error)).toMatch(ofModel);
});

it.each([
  [new BackendError('bpu_memory', 'refused'), /memory/],
  [new BackendError('bpu_dead', 'no handle'), /restart the board/],
  [new BackendError('bpu_timeout', 'late'), /what else uses the BPU/],
  [new FrameError('bpu_busy', 'full'), /what else uses the BPU/],
  [new ConfigError('bpu_model_name', 'two models'), /backend\.model_name/],
  [new ConfigError('model_missing', 'nowhere'), /--model FILE/],
  [new BackendError('worker_dead', 'ended'), /CPU and memory/],
  [new BackendError('open_timeout', 'not ready'), /CPU and memory/],
  [new ModelContractError('recording_incomplete', 'no frame'), /rdk-yolo-seg tensors/],
  [new SegError('addon', 'old'), /setup|rdk-yolo-seg-prepare|source/],
])('%s sends nobody to a model that is not to blame', (error, remedy) => {
  expect(remedyOf(error)).toMatch(remedy);
  expect(remedyOf(error)).not.toMatch(ofModel);
});

it('an addon that does not load is no library that does not', () => {
  expect(remedyOf(new SegError('addon', 'old'), 'bpu.library')).not.toContain('--dnn-library');
  expect(remedyOf(new ConfigError('dnn_library', 'none'), 'bpu.library')).toContain('--dnn-library');
});

it('a failure of ONNX Runtime is not looked up in a page on the BPU', () => {
  expect(remedyOf(new BackendError('onnx_run', 'failed'), 'model.inference')).not.toContain('docs/bpu.md');
});

it('every code of the BPU has a remedy that fits it in each step', () => {
  const codes = Object.keys(nativeErrorClasses).filter((code) => code.startsWith('bpu_'));
  const blaming = codes.filter((code) => ofModel.test(remedyOf(new SegError(code, 'why'))!));
  // A task that fails alone is told as `bpu_model` where the model is opened.
  expect(blaming).toEqual(['bpu_model', 'bpu_task']);
  expect(remedyOf(new TransportError('init', 'no rcl'), 'shm.loan')).not.toMatch(ofModel);
});
