import { files, shown, unmet } from './cell.mjs';

const noTask = unmet('no task is submitted any more');
const isStale = unmet('its frame is `stale` already');
const soak = /** @type {const} */ ([
  'soak/faults.test.ts',
  '20,000 frames on a BPU with every fault at random: each is a result or counted as lost',
]);
const dies = 'that dies with frames on it at %s is told, and ends nothing else';

/** @type {readonly import('./cell.mjs').Fault[]} */
export const bpuFaults = [
  {
    area: 'BPU',
    fault: 'library missing or not loadable',
    cells: {
      configure: shown(
        'configure fails, remedy told; the node lives on',
        files.bpu,
        'stays unconfigured without the library and says what to do',
      ),
      active: shown(
        'the one that is loaded goes on',
        files.modelFile,
        'that is gone changes nothing: the one that is loaded goes on, configured anew too',
      ),
      deactivate: shown(
        'the one that is loaded serves the next configure, too',
        files.modelFile,
        'that is gone changes nothing: the one that is loaded goes on, configured anew too',
      ),
      shutdown: shown(
        'ends with 0',
        files.modelFile,
        'that is gone changes nothing: the one that is loaded goes on, configured anew too',
      ),
    },
  },
  {
    area: 'BPU',
    fault: 'filled by another process',
    cells: {
      configure: shown(
        'configure fails with `bpu_busy`; later it works',
        files.bpu,
        'is refused where another process fills the BPU, which goes on; later it is taken',
      ),
      active: shown(
        'frame dropped: `bpu_busy`',
        'native/bpu/sharing.test.ts',
        'an open session loses frames and goes on',
      ),
      deactivate: noTask,
      shutdown: noTask,
    },
  },
  {
    area: 'BPU',
    fault: 'task fails',
    cells: {
      configure: shown(
        'configure fails, everything given back',
        'native/bpu/opening.test.ts',
        'that fails for the last output leaves nothing of those before',
      ),
      active: shown(
        'frame dropped: `bpu_task`',
        'native/bpu/frames.test.ts',
        '2000 with random faults: each is a right result or a dropped frame, nothing leaks',
      ),
      deactivate: isStale,
      shutdown: isStale,
    },
  },
  {
    area: 'BPU',
    fault: 'task hangs',
    cells: {
      configure: shown(
        'configure fails; what the BPU owns stays its own',
        'native/bpu/opening.test.ts',
        'that never ends is the fault of the BPU, which keeps its memory and the model',
      ),
      active: shown(
        'frame dropped: `bpu_timeout`; the second one ends the session: unconfigured, ERROR',
        files.bpu,
        'loses a frame to a task that never ends, goes on, ends with the second one, and works configured again',
      ),
      deactivate: shown(
        'given up after its limit, its slot is kept alone',
        files.closing,
        'cleaning up gives up on a task that hangs, and keeps its slot alone',
      ),
      shutdown: shown('ends with 0', files.bpu, 'ends with a task on the BPU that hangs'),
    },
  },
  {
    area: 'BPU',
    fault: 'dies',
    cells: {
      configure: shown(
        'configure fails with call and status',
        'native/bpu/opening.test.ts',
        'that fails, %s, is named with its status',
      ),
      active: shown(
        'ERROR with call and status, unconfigured; frames: `failed`',
        files.bpu,
        'leaves the active state when the BPU dies, with the call and the status',
      ),
      deactivate: shown('ERROR with call and status, unconfigured', files.bpu, dies),
      shutdown: shown('ends with 0', files.bpu, dies),
    },
  },
  {
    area: 'BPU',
    fault: 'every fault of it at random',
    cells: {
      configure: shown('refused where the model cannot be opened, else taken', ...soak),
      active: shown('at each look every frame is a result, lost or in work; memory within 40 MiB', ...soak),
      deactivate: shown('done with whatever is in work', ...soak),
      shutdown: shown('exit code 0', ...soak),
    },
  },
  {
    area: 'BPU',
    fault: 'frames on it',
    cells: {
      configure: unmet('the one of the first inference is waited for'),
      active: unmet('as it is meant'),
      deactivate: shown(
        'none is published: `stale`',
        files.bpu,
        'deactivates and cleans up with frames on the BPU, of which none is published',
      ),
      shutdown: shown(
        'waited for, nothing leaks',
        files.closing,
        'closing with frames on the BPU waits for them and drops nothing that was asked for',
      ),
    },
  },
];
