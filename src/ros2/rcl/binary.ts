/**
 * Refuses to go on where rclnodejs could not load its addon, or rcl its middleware.
 *
 * rclnodejs answers that by deleting its build and compiling anew, for a minute and in every process that imports
 * it. To be imported before rclnodejs.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { TransportError } from '../../core/errors.js';
import { remedies } from '../../native/setupRemedy.js';
import { refuseFullSharedMemory } from './fullSharedMemory.js';
import { refuseMissingMiddleware } from './middleware.js';

const require = createRequire(import.meta.url);

function refuse(why: string, cause?: unknown): never {
  throw new TransportError('rclnodejs', `${why}; ${remedies.sourceRos}; else: ${remedies.setup}`, {}, cause);
}

refuseMissingMiddleware();
refuseFullSharedMemory();
const packageFolder = dirname(require.resolve('rclnodejs/package.json'));
// Set-up puts it there in every case: compiled, or copied from the package's prebuilds.
const binary = join(packageFolder, 'build', 'Release', 'rclnodejs.node');
if (!existsSync(binary)) refuse('rclnodejs has not been built for ROS 2');

/** What rclnodejs's addon has and its JavaScript keeps to itself. */
interface RclAddon {
  /** Parameters of the command line and of parameter files, by node key as written there. */
  getParameterOverrides(
    contextHandle: object,
  ): { name: string; parameters: { name: string; type: number; value: unknown }[] }[] | undefined;
  /** The serialised form of a message in C. */
  serialize(packageName: string, folder: string, type: string, message: Buffer): Buffer;
  /** Replaces the content of a message in C. */
  deserialize(packageName: string, folder: string, type: string, cdr: Buffer, message: Buffer): void;
  sendResponse(service: object, answer: Buffer, header: object): void;
}

/**
 * Has it tell an answer that the middleware did not take, as where the client has gone, from one that cannot be made:
 * as TransportError `answer`.
 */
function nameLostAnswers(addon: RclAddon): void {
  const send = addon.sendResponse;
  addon.sendResponse = (service, answer, header) => {
    try {
      send(service, answer, header);
    } catch (error) {
      throw new TransportError('answer', 'an answer was not taken by the middleware', {}, error);
    }
  };
}

function load(): RclAddon {
  try {
    const addon = require(binary) as RclAddon;
    nameLostAnswers(addon);
    return addon;
  } catch (error) {
    return refuse('rclnodejs cannot load ROS 2 here', error);
  }
}

/** The addon of rclnodejs, the same instance that rclnodejs uses. */
export const rclAddon = load();
