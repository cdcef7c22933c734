import { afterFrames, beforeFrames, endsCleanly, files, shown, unmet } from './cell.mjs';

const hostile = /** @type {const} */ ([
  files.services,
  'stays %s, answers every request, and refuses with a reason',
]);
const stopped = /** @type {const} */ ([
  files.faults,
  'while it configures, deactivates and ends does each when it is continued',
]);
const raced = /** @type {const} */ ([
  files.faults,
  'set while the node activates, deactivates and ends are each answered, and hold up none of them',
]);
const jumps = /** @type {const} */ ([
  files.faults,
  'that jumps back while inactive and an hour ahead while active is followed, and one that stands still ends nothing',
]);
const sliding =
  'that jumps an hour ahead and then back: results come, and what it is off is told while it is';
const noAges = unmet('no age is told');
const shownAtStart = unmet('judged at start; read-only from then on');

/** @type {readonly import('./cell.mjs').Fault[]} */
export const outsideFaults = [
  {
    area: 'signals',
    fault: 'SIGINT or SIGTERM, the other one at once behind it',
    cells: {
      configure: shown(
        'exit code 0, or the signal before anything was made',
        files.signals,
        '%s ends the node without a crash',
      ),
      active: endsCleanly,
      deactivate: endsCleanly,
      shutdown: shown('the second one changes nothing', files.signals, '%s ends the node with 0, cleanly'),
    },
  },
  {
    area: 'signals',
    fault: 'SIGINT while the BPU opens a model, or hangs there',
    cells: {
      configure: shown('ends with 0', files.modelFile, '%s ends the node with 0'),
      active: unmet('no model is opened'),
      deactivate: unmet('no model is opened'),
      shutdown: unmet('no model is opened'),
    },
  },
  {
    area: 'signals',
    fault: 'SIGSTOP and SIGCONT of the node',
    cells: {
      configure: shown('done when it is continued', ...stopped),
      active: shown(
        'what it missed is `input.lost`, what it held `overwritten`; results come again',
        'soak/stopped.test.ts',
        '30 pauses of camera, consumer and node by SIGSTOP: results come again after each',
      ),
      deactivate: shown('done when it is continued', ...stopped),
      shutdown: shown('ends with 0 when it is continued', ...stopped),
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
      active: shown('refused with the reason, nothing changed', ...hostile),
      deactivate: shown('unconfigured: refused with the reason, nothing changed', ...hostile),
      shutdown: unmet('services end first'),
    },
  },
  {
    area: 'parameters',
    fault: 'change with each frame, region included',
    cells: {
      configure: beforeFrames,
      active: shown(
        'every frame accounted for; what is out of range is refused',
        'soak/parameters.test.ts',
        '2000 changes of parameters, a region and thresholds with each frame: every frame is accounted for',
      ),
      deactivate: shown('each answered, between any two transitions', ...raced),
      shutdown: shown('ends with 0', ...raced),
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
      active: shownAtStart,
      deactivate: shownAtStart,
      shutdown: shownAtStart,
    },
  },
  {
    area: 'parameters',
    fault: 'more objects than a label map of bytes holds',
    cells: {
      configure: beforeFrames,
      active: shown(
        'the label map has 16 bits; the confidence map stays as it is',
        'unit/messages/labelMap.test.ts',
        'more instances than a byte can number keep their labels and their confidences apart',
      ),
      deactivate: afterFrames,
      shutdown: afterFrames,
    },
  },
  {
    area: 'clock',
    fault: '`use_sim_time` and nothing on /clock',
    cells: {
      configure: noAges,
      active: shown(
        'WARN, ages are not known, results come',
        'ros2/nodeTime.test.ts',
        'without /clock: ages are not known, and the diagnostics say why',
      ),
      deactivate: noAges,
      shutdown: shown('ends with 0: no wait is by that clock', ...jumps),
    },
  },
  {
    area: 'clock',
    fault: '/clock stands still',
    cells: {
      configure: noAges,
      active: shown(
        'no silent camera, OK',
        'ros2/nodeTime.test.ts',
        'a bag that stands still is not a silent camera',
      ),
      deactivate: shown('done: no wait is by that clock', ...jumps),
      shutdown: shown('ends with 0', ...jumps),
    },
  },
  {
    area: 'clock',
    fault: '/clock jumps back, or an hour ahead',
    cells: {
      configure: noAges,
      active: shown(
        'results come, OK, ages by the new time',
        'ros2/nodeTime.test.ts',
        'a bag that begins anew is followed: results, no alarm, ages by its time',
      ),
      deactivate: shown('activated again: ages by the new time', ...jumps),
      shutdown: unmet('no time is told'),
    },
  },
  {
    area: 'clock',
    fault: "the machine's jumps an hour ahead or back",
    cells: {
      configure: unmet('waits are by a clock that does not jump'),
      active: shown(
        'results come, OK; `clock_mismatch_ms` while the camera has another time',
        files.faults,
        sliding,
      ),
      deactivate: unmet('waits are by a clock that does not jump'),
      shutdown: shown('ends with 0', files.faults, sliding),
    },
  },
];
