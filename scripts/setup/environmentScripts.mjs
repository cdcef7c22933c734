import { writeFileSync } from 'node:fs';
import { findRos, rosEnvScript } from '../rosEnv.mjs';
import { paths } from './paths.mjs';
import { readStamp } from './stamp.mjs';

/** Writes `.ros/setup.sh` and `.ros/setup.bash` for the ROS that is found, unless they are there already. */
export function writeEnvironmentScripts() {
  const ros = findRos();
  if (!ros) return;
  const text = rosEnvScript(ros);
  if (readStamp(paths.setupSh) === text.trim()) return;
  writeFileSync(paths.setupSh, text);
  writeFileSync(paths.setupBash, `. '${paths.setupSh}'\n`);
}
