// A cell of the fault matrix.

/**
 * @typedef {'configure' | 'active' | 'deactivate' | 'shutdown'} Phase
 * @typedef {{ outcome: string, file: string, test: string }} Shown
 * `outcome`: what the node does, and under what a lost frame is counted; `file`: below test/; `test`: the title as its
 * source has it, with the places of a table's values (`%s`, `$name`).
 * @typedef {{ why: string }} Unmet
 * `why`: what keeps the fault from being met in that phase, or makes it another one's.
 * @typedef {{ area: string, fault: string, cells: Record<Phase, Shown | Unmet> }} Fault
 */

/** @type {readonly Phase[]} */
export const phases = ['configure', 'active', 'deactivate', 'shutdown'];

/**
 * A cell that a test shows.
 *
 * @param {string} outcome
 * @param {string} file
 * @param {string} test
 * @returns {Shown}
 */
export const shown = (outcome, file, test) => ({ outcome, file, test });

/**
 * A cell without a test, and why it needs none.
 *
 * @param {string} why
 * @returns {Unmet}
 */
export const unmet = (why) => ({ why });

/** Of faults of frames: before activate, and after it. */
export const beforeFrames = unmet('nothing is subscribed to yet');
export const afterFrames = unmet('no frame is taken any more; those in work are `frames on it`');
/** Of what is published. */
export const nothingPublished = unmet('nothing is published');

export const files = {
  faults: 'ros2/nodeFaults.test.ts',
  disk: 'ros2/nodeFullDisk.test.ts',
  modelFile: 'ros2/nodeModelFile.test.ts',
  signals: 'ros2/nodeSignals.test.ts',
  life: 'ros2/lifecycle.test.ts',
  bpu: 'ros2/nodeBpu.test.ts',
  closing: 'native/bpu/closing.test.ts',
  services: 'ros2/nodeServices.test.ts',
  several: 'ros2/nodeSeveralCameras.test.ts',
};

/** Any phase of the node ends so. */
export const endsCleanly = shown(
  'ends with 0, nothing left in /dev/shm',
  files.signals,
  '%s ends the node with 0, cleanly',
);
