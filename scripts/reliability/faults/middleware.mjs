import { afterFrames, beforeFrames, files, nothingPublished, shown, unmet } from './cell.mjs';

const atStart = unmet('found at start, or not at all');
const stoppedConsumer = 'that is stopped holds up neither deactivate nor the end';

/** @type {readonly import('./cell.mjs').Fault[]} */
export const middlewareFaults = [
  {
    area: 'middleware',
    fault: 'not installed, or lacks a message package',
    cells: {
      configure: shown(
        'refused by name; an output alone is off',
        'ros2/missingPackages.test.ts',
        'says which topic is off and goes on without it',
      ),
      active: atStart,
      deactivate: atStart,
      shutdown: atStart,
    },
  },
  {
    area: 'middleware',
    fault: '/dev/shm has no room',
    cells: {
      configure: shown(
        'frames will come over the network: configure succeeds',
        files.disk,
        'of shared memory: frames come as copies, the room is told with the remedy, and the node ends with 0',
      ),
      active: shown(
        'frames come as copies; WARN with the room, what is needed and the remedy',
        files.disk,
        'of shared memory: frames come as copies, the room is told with the remedy, and the node ends with 0',
      ),
      deactivate: unmet('nothing is asked for'),
      shutdown: shown(
        'ends with 0',
        files.disk,
        'of shared memory: frames come as copies, the room is told with the remedy, and the node ends with 0',
      ),
    },
  },
  {
    area: 'middleware',
    fault: '/dev/shm is full to the last page',
    cells: {
      configure: shown(
        'ends with 1 and the remedy before ROS is loaded, which would be ended by a bus error',
        files.disk,
        'of shared memory, to the last page: the node ends with 1 and the remedy in place of a bus error',
      ),
      active: unmet('what is mapped is kept; new mappings: the row above'),
      deactivate: unmet('nothing is asked for'),
      shutdown: unmet('nothing is asked for'),
    },
  },
  {
    area: 'middleware',
    fault: 'frames lost on the way',
    cells: {
      configure: beforeFrames,
      active: shown(
        '`input.lost`, WARN with the cause',
        'ros2/nodeCameras.test.ts',
        'are counted and told as a warning where frames are %s',
      ),
      deactivate: afterFrames,
      shutdown: afterFrames,
    },
  },
  {
    area: 'middleware',
    fault: 'consumer that stops reading, or is killed',
    cells: {
      configure: nothingPublished,
      active: shown(
        'blocks nobody; others get every message',
        'ros2/nodeDelivery.test.ts',
        'does so beside one that stops reading and is killed later',
      ),
      deactivate: shown('done at once', files.faults, stoppedConsumer),
      shutdown: shown('ends with 0, nothing left in /dev/shm', files.faults, stoppedConsumer),
    },
  },
  {
    area: 'middleware',
    fault: 'consumers that come and go',
    cells: {
      configure: nothingPublished,
      active: shown(
        'nothing is left of them',
        'soak/subscribers.test.ts',
        '100 rounds of subscribers that come and go, every tenth a process that is killed',
      ),
      deactivate: nothingPublished,
      shutdown: shown(
        'the robot is left as it was',
        files.signals,
        'leaves the camera and the rest of the robot as they were: the next node segments',
      ),
    },
  },
  {
    area: 'middleware',
    fault: 'frames still held when the subscription ends',
    cells: {
      configure: beforeFrames,
      active: unmet('the subscription lasts as long'),
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
];
