import { existsSync } from 'node:fs';

/** A checkout has the set-up; what colcon installed has not. */
const isCheckout = existsSync(new URL('../../scripts/setup.mjs', import.meta.url));

/** How to have native parts built again, for messages: what makes them differs with where this program lies. */
export const setupRemedy = isCheckout
  ? 'npm run setup'
  : 'source the ROS 2 that this was built for, or build the package rdk_yolo_seg again (colcon build)';
