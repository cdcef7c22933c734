import { ensurePythonTool } from './pythonTool.mjs';

// Pinned: what they install beside a package changes with them.
const REQUIREMENTS = [
  'colcon-core==0.21.3',
  'colcon-ros==0.5.0',
  'colcon-cmake==0.2.30',
  'colcon-bash==0.5.0',
];

/** Path of the program `colcon`, which is installed unless it is there. */
export const ensureColcon = () => ensurePythonTool('colcon', ...REQUIREMENTS);
