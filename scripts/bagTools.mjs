import { dirname, join } from 'node:path';
import { ensurePythonTool } from './pythonTool.mjs';

// Pinned: what they write and read is what tests hold ours against.
const REQUIREMENTS = ['rosbags==0.11.9', 'mcap==1.6.0', 'mcap-ros2-support==0.6.0'];

/** Path of a Python that has rosbags and mcap-ros2-support, which are installed unless they are there. */
export const ensureBagTools = async () =>
  join(dirname(await ensurePythonTool('rosbags-convert', ...REQUIREMENTS)), 'python');
