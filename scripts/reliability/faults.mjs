// The fault matrix: what happens when something fails, by the phase of the node in which it does, and which test shows it.
import { bpuFaults } from './faults/bpu.mjs';
import { cameraFaults } from './faults/camera.mjs';
import { fileFaults } from './faults/files.mjs';
import { middlewareFaults } from './faults/middleware.mjs';
import { outsideFaults } from './faults/outside.mjs';

/** @type {readonly import('./faults/cell.mjs').Fault[]} */
export const faults = [...cameraFaults, ...middlewareFaults, ...bpuFaults, ...fileFaults, ...outsideFaults];
