import { afterFrames, beforeFrames, endsCleanly, files, shown, unmet } from './cell.mjs';

/** @param {string} outcome */
const holdsUpNothing = (outcome) =>
  shown(
    outcome,
    files.faults,
    'that is %s while the node deactivates, and one that is while it ends, hold up neither',
  );

/**
 * @param {string} fault
 * @param {import('./cell.mjs').Shown} active
 * @returns {import('./cell.mjs').Fault}
 */
const ofFrames = (fault, active) => ({
  area: 'camera',
  fault,
  cells: { configure: beforeFrames, active, deactivate: afterFrames, shutdown: afterFrames },
});

/** @type {readonly import('./cell.mjs').Fault[]} */
export const cameraFaults = [
  {
    area: 'camera',
    fault: 'is not there, of another type or size, or of a QoS that does not fit',
    cells: {
      configure: beforeFrames,
      active: shown(
        'told once with cause and remedy, WARN; the first frame ends it',
        'ros2/nodeInput.test.ts',
        'without a publisher is explained once, and ends with the first frame',
      ),
      deactivate: shown('warns no more', 'ros2/nodeCameras.test.ts', 'warns no more'),
      shutdown: endsCleanly,
    },
  },
  {
    area: 'camera',
    fault: 'killed (SIGKILL), then started again',
    cells: {
      configure: beforeFrames,
      active: shown(
        'silence is told; the next one is heard while the dead one is in the graph',
        'ros2/nodeCameras.test.ts',
        'with %s message is heard while the dead one is still in the graph',
      ),
      deactivate: holdsUpNothing('done at once, every frame counted and returned; the next one is heard'),
      shutdown: holdsUpNothing('ends with 0'),
    },
  },
  {
    area: 'camera',
    fault: 'stopped (SIGSTOP) and continued',
    cells: {
      configure: beforeFrames,
      active: shown(
        'WARN after 2 s; results come again',
        'soak/stopped.test.ts',
        '30 pauses of camera, consumer and node by SIGSTOP: results come again after each',
      ),
      deactivate: holdsUpNothing('done at once, every frame counted and returned'),
      shutdown: holdsUpNothing('ends with 0'),
    },
  },
  {
    area: 'camera',
    fault: 'one of several that goes, floods or cannot be subscribed to',
    cells: {
      configure: shown(
        'two that come to one topic: the node ends with 2 and both names',
        files.several,
        'end the node with 2: %j',
      ),
      active: shown(
        'WARN in its own status alone; the others go on',
        files.several,
        'warns of the camera alone that has gone, and goes on with the other',
      ),
      deactivate: shown(
        'all end and begin together',
        files.several,
        'stops and starts all of them by the life cycle and by enabled',
      ),
      shutdown: shown(
        'ends with 0',
        'soak/severalCameras.test.ts',
        '10,000 frames of three cameras that come, go, flood and die at random: each is accounted for',
      ),
    },
  },
  ofFrames(
    'header that contradicts itself',
    shown(
      'frame dropped: `encoding`, `size`, `step`, `data_size`',
      'ros2/nodeBadFrames.test.ts',
      'a flood of them is told in few lines that say how many, and each is counted',
    ),
  ),
  ofFrames(
    'broken JPEG or PNG, message cut off',
    shown(
      'frame dropped: `picture`, `serialized_form`',
      'ros2/nodeBadImages.test.ts',
      'as bytes with nothing but its encapsulation',
    ),
  ),
  ofFrames(
    'writes into a frame that is read',
    shown(
      'frame dropped: `overwritten`',
      'ros2/soak.test.ts',
      'is dropped as overwritten, told, and the node goes on',
    ),
  ),
  {
    area: 'camera',
    fault: 'depth pictures or camera_info that cannot be used',
    cells: {
      configure: beforeFrames,
      active: shown(
        'counted by reason, WARN; the frame goes on without depth',
        'ros2/nodeDepth.test.ts',
        'diagnostics count what was paired, and name what is wrong with what was not',
      ),
      deactivate: unmet('no depth picture is taken any more'),
      shutdown: unmet('no depth picture is taken any more'),
    },
  },
];
