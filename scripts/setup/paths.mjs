import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Root of the checkout. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Everything that set-up makes outside node_modules, dist and native; git-ignored. */
export const stateDir = join(root, '.ros');

/** Distributions of ROS 2 that are to be had as Python wheels; the first where nobody chooses. */
export const wheelDistros = ['jazzy', 'kilted'];

/** The distribution that the environment asks for, else the one that is installed. */
export const wheelsDistro =
  process.env.RDK_YOLO_SEG_WHEELS ||
  (wheelDistros.find((distro) => existsSync(join(stateDir, distro))) ?? wheelDistros[0]);

/** Places inside {@link stateDir}. */
export const paths = {
  wheels: join(stateDir, wheelsDistro),
  overlay: join(stateDir, 'overlay'),
  build: join(stateDir, 'build'),
  stamps: join(stateDir, 'stamps'),
  logs: join(stateDir, 'logs'),
  lock: join(stateDir, 'setup.lock'),
  setupSh: join(stateDir, 'setup.sh'),
  setupBash: join(stateDir, 'setup.bash'),
  requirements: join(root, 'ros', `requirements-${wheelsDistro}.txt`),
  nodeModules: join(root, 'node_modules'),
  rclnodejs: join(root, 'node_modules', 'rclnodejs'),
  native: join(root, 'native'),
  dist: join(root, 'dist'),
};
