// The fault matrix: what happens when something fails, by the phase of the node in which it does, and which test shows it.

/**
 * @typedef {'configure' | 'active' | 'deactivate' | 'shutdown'} Phase
 * @typedef {{ outcome: string, file: string, test: string }} Cell
 * `outcome`: what the node does, and under what a lost frame is counted; `file`: below test/; `test`: the title as its
 * source has it, with the places of a table's values (`%s`, `$name`).
 * @typedef {{ area: string, fault: string, cells: Partial<Record<Phase, Cell>> }} Fault
 */

/** @type {readonly Phase[]} */
export const phases = ['configure', 'active', 'deactivate', 'shutdown'];

/**
 * @param {string} outcome
 * @param {string} file
 * @param {string} test
 * @returns {Cell}
 */
const shown = (outcome, file, test) => ({ outcome, file, test });

const { signals, life, bpu, closing } = {
  signals: 'ros2/nodeSignals.test.ts',
  life: 'ros2/lifecycle.test.ts',
  bpu: 'ros2/nodeBpu.test.ts',
  closing: 'native/bpu/closing.test.ts',
};

/** @type {readonly Fault[]} */
export const faults = [
  {
    area: 'camera',
    fault: 'is not there, of another type or size, or of a QoS that does not fit',
    cells: {
      active: shown(
        'told once with cause and remedy, WARN; the first frame ends it',
        'ros2/nodeInput.test.ts',
        'without a publisher is explained once, and ends with the first frame',
      ),
      deactivate: shown('warns no more', 'ros2/nodeCameras.test.ts', 'warns no more'),
    },
  },
  {
    area: 'camera',
    fault: 'killed (SIGKILL), then started again',
    cells: {
      active: shown(
        'silence is told; the next one is heard while the dead one is in the graph',
        'ros2/nodeCameras.test.ts',
        'with %s message is heard while the dead one is still in the graph',
      ),
      deactivate: shown(
        'leaves nothing in /dev/shm',
        'ros2/hbmemLife.test.ts',
        'leaves nothing of a camera that ended in /dev/shm',
      ),
    },
  },
  {
    area: 'camera',
    fault: 'one of several that goes, floods or cannot be subscribed to',
    cells: {
      configure: shown(
        'two that come to one topic: the node ends with 2 and both names',
        'ros2/nodeSeveralCameras.test.ts',
        'end the node with 2: %j',
      ),
      active: shown(
        'WARN in its own status alone; the others go on',
        'ros2/nodeSeveralCameras.test.ts',
        'warns of the camera alone that has gone, and goes on with the other',
      ),
      deactivate: shown(
        'all end and begin together',
        'ros2/nodeSeveralCameras.test.ts',
        'stops and starts all of them by the life cycle and by enabled',
      ),
    },
  },
  {
    area: 'camera',
    fault: 'stopped (SIGSTOP) and continued',
    cells: {
      active: shown(
        'WARN after 2 s; results come again',
        'soak/stopped.test.ts',
        '30 pauses of camera, consumer and node by SIGSTOP: results come again after each',
      ),
    },
  },
  {
    area: 'camera',
    fault: 'header that contradicts itself',
    cells: {
      active: shown(
        'frame dropped: `encoding`, `size`, `step`, `data_size`',
        'ros2/nodeBadFrames.test.ts',
        'a flood of them is told in few lines that say how many, and each is counted',
      ),
    },
  },
  {
    area: 'camera',
    fault: 'broken JPEG or PNG, message cut off',
    cells: {
      active: shown(
        'frame dropped: `picture`, `serialized_form`',
        'ros2/nodeBadImages.test.ts',
        'as bytes with nothing but its encapsulation',
      ),
    },
  },
  {
    area: 'camera',
    fault: 'writes into a frame that is read',
    cells: {
      active: shown(
        'frame dropped: `overwritten`',
        'ros2/soak.test.ts',
        'is dropped as overwritten, told, and the node goes on',
      ),
    },
  },
  {
    area: 'middleware',
    fault: 'not installed, or lacks a message package',
    cells: {
      configure: shown(
        'refused by name; an output alone is off',
        'ros2/missingPackages.test.ts',
        'says which topic is off and goes on without it',
      ),
    },
  },
  {
    area: 'middleware',
    fault: 'frames lost on the way',
    cells: {
      active: shown(
        '`input.lost`, WARN with the cause',
        'ros2/nodeCameras.test.ts',
        'are counted and told as a warning where frames are %s',
      ),
    },
  },
  {
    area: 'middleware',
    fault: 'consumer that stops reading, or is killed',
    cells: {
      active: shown(
        'blocks nobody; others get every message',
        'ros2/nodeDelivery.test.ts',
        'does so beside one that stops reading and is killed later',
      ),
      shutdown: shown(
        'the robot is left as it was',
        signals,
        'leaves the camera and the rest of the robot as they were: the next node segments',
      ),
    },
  },
  {
    area: 'middleware',
    fault: 'consumers that come and go',
    cells: {
      active: shown(
        'nothing is left of them',
        'soak/subscribers.test.ts',
        '100 rounds of subscribers that come and go, every tenth a process that is killed',
      ),
    },
  },
  {
    area: 'middleware',
    fault: 'frames still held when the subscription ends',
    cells: {
      deactivate: shown(
        'stay readable, then go back',
        'ros2/hbmemLife.test.ts',
        'lets the frames be read after its end',
      ),
      shutdown: shown(
        'are waited for',
        'ros2/hbmemLife.test.ts',
        'waits for them, and ends once they are back',
      ),
    },
  },
  {
    area: 'BPU',
    fault: 'library missing or not loadable',
    cells: {
      configure: shown(
        'configure fails, remedy told; the node lives on',
        bpu,
        'stays unconfigured without the library and says what to do',
      ),
    },
  },
  {
    area: 'BPU',
    fault: 'filled by another process',
    cells: {
      configure: shown(
        'configure fails with `bpu_busy`; later it works',
        bpu,
        'is refused where another process fills the BPU, which goes on; later it is taken',
      ),
      active: shown(
        'frame dropped: `bpu_busy`',
        'native/bpu/sharing.test.ts',
        'an open session loses frames and goes on',
      ),
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
        bpu,
        'loses a frame to a task that never ends, goes on, ends with the second one, and works configured again',
      ),
      deactivate: shown(
        'given up after its limit, its slot is kept alone',
        closing,
        'cleaning up gives up on a task that hangs, and keeps its slot alone',
      ),
      shutdown: shown('ends with 0', bpu, 'ends with a task on the BPU that hangs'),
    },
  },
  {
    area: 'BPU',
    fault: 'dies',
    cells: {
      active: shown(
        'ERROR with call and status, unconfigured; frames: `failed`',
        bpu,
        'leaves the active state when the BPU dies, with the call and the status',
      ),
    },
  },
  {
    area: 'BPU',
    fault: 'every fault of it at random',
    cells: {
      active: shown(
        'at each look every frame is a result, lost or in work; memory within 40 MiB',
        'soak/faults.test.ts',
        '20,000 frames on a BPU with every fault at random: each is a result or counted as lost',
      ),
    },
  },
  {
    area: 'BPU',
    fault: 'frames on it',
    cells: {
      deactivate: shown(
        'none is published: `stale`',
        bpu,
        'deactivates and cleans up with frames on the BPU, of which none is published',
      ),
      shutdown: shown(
        'waited for, nothing leaks',
        closing,
        'closing with frames on the BPU waits for them and drops nothing that was asked for',
      ),
    },
  },
  {
    area: 'model file',
    fault: 'missing, cut off, no model, of another task, not to be told',
    cells: {
      configure: shown(
        'configure fails with the reason; works once corrected',
        life,
        '%s stays unconfigured and alive, says why, and works once corrected',
      ),
      active: shown('a change is refused: deactivate first', life, 'active: is refused with what to do'),
      deactivate: shown(
        'while inactive refused; the model before stays',
        life,
        'inactive, when loading fails: is refused with the reason, and the model before still segments',
      ),
    },
  },
  {
    area: 'model file',
    fault: 'inference worker of ONNX Runtime dies',
    cells: {
      active: shown(
        'one report, no empty result',
        'contract/onnxDeath.test.ts',
        'onnx: a killed worker ends the pipeline with one report and no empty result',
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
    },
  },
  {
    area: 'disk',
    fault: 'results of a command cannot be written whole',
    cells: {
      shutdown: shown(
        'no half-written file or folder is left',
        'unit/files/atomic.test.ts',
        'is gone if filling fails, and no signal handler stays',
      ),
    },
  },
  {
    area: 'signals',
    fault: 'SIGINT or SIGTERM, the other one at once behind it',
    cells: {
      configure: shown(
        'exit code 0, or the signal before anything was made',
        signals,
        '%s ends the node without a crash',
      ),
      active: shown('exit code 0, nothing left in /dev/shm', signals, '%s ends the node with 0, cleanly'),
      deactivate: shown('exit code 0, nothing left in /dev/shm', signals, '%s ends the node with 0, cleanly'),
    },
  },
  {
    area: 'signals',
    fault: 'SIGSTOP and SIGCONT of the node',
    cells: {
      active: shown(
        'what it missed is `input.lost`, what it held `overwritten`; results come again',
        'soak/stopped.test.ts',
        '30 pauses of camera, consumer and node by SIGSTOP: results come again after each',
      ),
    },
  },
  {
    area: 'parameters',
    fault: 'unknown, of another type, out of range',
    cells: {
      configure: shown(
        'exit code 2, every fault told',
        'ros2/nodeParameters.test.ts',
        'wrong as ROS argument ends the process with 2',
      ),
      active: shown(
        'refused with the reason, nothing changed',
        'ros2/nodeServices.test.ts',
        'change nothing where one of them is refused',
      ),
    },
  },
  {
    area: 'parameters',
    fault: 'change with each frame, region included',
    cells: {
      active: shown(
        'every frame accounted for; what is out of range is refused',
        'soak/parameters.test.ts',
        '2000 changes of parameters, a region and thresholds with each frame: every frame is accounted for',
      ),
    },
  },
  {
    area: 'parameters',
    fault: 'qos_overrides that mean nothing',
    cells: {
      configure: shown(
        'exit code 2 with what is expected',
        'ros2/nodeDelivery.test.ts',
        '%s ends the process with 2 and the reason',
      ),
    },
  },
  {
    area: 'parameters',
    fault: 'more objects than a label map of bytes holds',
    cells: {
      active: shown(
        'the label map has 16 bits; the confidence map stays as it is',
        'unit/messages/labelMap.test.ts',
        'more instances than a byte can number keep their labels and their confidences apart',
      ),
    },
  },
  {
    area: 'clock',
    fault: '`use_sim_time` and nothing on /clock',
    cells: {
      active: shown(
        'WARN, ages are not known, results come',
        'ros2/nodeTime.test.ts',
        'without /clock: ages are not known, and the diagnostics say why',
      ),
    },
  },
  {
    area: 'clock',
    fault: '/clock stands still',
    cells: {
      active: shown(
        'no silent camera, OK',
        'ros2/nodeTime.test.ts',
        'a bag that stands still is not a silent camera',
      ),
    },
  },
  {
    area: 'clock',
    fault: '/clock jumps back',
    cells: {
      active: shown(
        'results come, OK, ages by the new time',
        'ros2/nodeTime.test.ts',
        'a bag that begins anew is followed: results, no alarm, ages by its time',
      ),
    },
  },
];
