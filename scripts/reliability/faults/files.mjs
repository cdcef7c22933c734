import { files, shown, unmet } from './cell.mjs';

const gone =
  'that is cut off and deleted under the node (%s) changes nothing until it is configured anew, which is refused until it is back';
const logs = 'of log files: the node that is active goes on, deactivates and ends with 0';

/** @type {readonly import('./cell.mjs').Fault[]} */
export const fileFaults = [
  {
    area: 'model file',
    fault: 'missing, cut off, no model, of another task, not to be told',
    cells: {
      configure: shown(
        'configure fails with the reason; works once corrected',
        files.life,
        '%s stays unconfigured and alive, says why, and works once corrected',
      ),
      active: shown(
        'a change is refused: deactivate first',
        files.life,
        'active: is refused with what to do',
      ),
      deactivate: shown(
        'while inactive refused; the model before stays',
        files.life,
        'inactive, when loading fails: is refused with the reason, and the model before still segments',
      ),
      shutdown: unmet('no model is read'),
    },
  },
  {
    area: 'model file',
    fault: 'cut off, deleted or overwritten after it was loaded',
    cells: {
      configure: shown('read anew: refused until it is back', files.modelFile, gone),
      active: shown('goes on with what was loaded', files.modelFile, gone),
      deactivate: shown('activated again it goes on with what was loaded', files.modelFile, gone),
      shutdown: shown('ends with 0', files.modelFile, gone),
    },
  },
  {
    area: 'model file',
    fault: 'inference worker of ONNX Runtime dies',
    cells: {
      configure: shown(
        'configure fails at once',
        'unit/threads/workerLink.test.ts',
        'is answered at once, blocking too, by a worker that cannot be loaded or ends while opening',
      ),
      active: shown(
        'one report, no empty result',
        'contract/onnxDeath.test.ts',
        'onnx: a killed worker ends the pipeline with one report and no empty result',
      ),
      deactivate: unmet('nothing is run; the next frame tells it'),
      shutdown: shown(
        'everything fails with it, and closes',
        'contract/onnxDeath.test.ts',
        'onnx: after the worker was killed everything fails with BackendError',
      ),
    },
  },
  {
    area: 'disk',
    fault: 'log files cannot be written',
    cells: {
      configure: shown(
        'falls back and tells it',
        'ros2/nodeStart.test.ts',
        '%s runs, and says in one line where they are',
      ),
      active: shown('full: goes on, the log stays on the terminal', files.disk, logs),
      deactivate: shown('full: done', files.disk, logs),
      shutdown: shown('full: ends with 0', files.disk, logs),
    },
  },
  {
    area: 'disk',
    fault: 'results of a command cannot be written whole',
    cells: {
      configure: shown(
        'refused before anything is read',
        'unit/files/folders.test.ts',
        'are refused with the place and the reason',
      ),
      active: shown(
        '`record` ends at once with 2 and the cause; the node goes on',
        files.disk,
        'of a recording: it ends at once with 2 and the cause, and the node goes on',
      ),
      deactivate: shown(
        '`segment` ends with 2 and the cause; what is there is whole',
        files.disk,
        'of the results of segment: it ends with 2 and the cause, and what is there is whole',
      ),
      shutdown: shown(
        'no half-written file or folder is left',
        'unit/files/atomic.test.ts',
        'is gone if filling fails, and no signal handler stays',
      ),
    },
  },
];
