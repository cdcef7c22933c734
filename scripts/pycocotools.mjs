import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureVenv } from './pythonTool.mjs';
import { root } from './setup/paths.mjs';

/** Path of a Python that has pycocotools as `eval` asks for it, which is installed unless it is there. */
export const ensurePycocotools = () => {
  const asked = readFileSync(join(root, 'tools/eval/requirements.txt'), 'utf8').trim().split('\n');
  return ensureVenv('pycocotools', 'python', ['numpy==2.2.6', ...asked]);
};
