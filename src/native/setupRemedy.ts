import { existsSync } from 'node:fs';

const has = (path: string) => existsSync(new URL(`../../${path}`, import.meta.url));

/** How to have native parts built again, for messages: what makes them differs with where this program lies. */
export const setupRemedy = has('bin/rdk-yolo-seg-prepare')
  ? 'sudo rdk-yolo-seg-prepare'
  : has('scripts/setup.mjs')
    ? 'npm run setup'
    : 'source the ROS 2 that this was built for, or build the package rdk_yolo_seg again (colcon build)';
