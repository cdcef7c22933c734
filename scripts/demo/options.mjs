// What `npm run demo` can be told.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

/** The backend name of the demo alone: the BPU backend on fakednn, which keeps the board's times. */
export const BPU_SIM = 'bpu-sim';
/** What the camera shows, and what is judged beside detections and masks. */
const SCENES = ['shapes', 'tracking', 'depth'];
/** Known before anything is built, where the registry of backends cannot be asked yet; a test compares them. */
const BACKENDS = ['auto', 'bpu', 'onnx', 'replay', BPU_SIM];
/** The node reports once a second, and bpu-sim's rate lies between two reports. */
const SECONDS = { least: 1, usual: 15 };
const BPU_SIM_SECONDS = { least: 3, usual: 6 };
const MOST_SECONDS = 600;

export const USAGE = [
  'usage: npm run demo -- [--seconds N] [--backend NAME] [--compiled FILE] [--images FOLDER] [--scene NAME] [--verbose]',
  `  --seconds N     seconds of frames, up to ${MOST_SECONDS} (${SECONDS.usual}; with ${BPU_SIM} ${BPU_SIM_SECONDS.usual} for each of its parts)`,
  `  --backend NAME  ${BACKENDS.join(', ')} (auto); ${BPU_SIM} keeps the times of the RDK X5 on this PC`,
  `  --compiled FILE what \`model compile\` made, NAME_modified.bin: ${BPU_SIM} then answers with its integers`,
  `  --images FOLDER pictures for ${BPU_SIM}, which runs a model of its own without --compiled`,
  `  --scene NAME    ${SCENES.join(', ')} (shapes); tracking: objects that hide each other are followed, and judged by who`,
  '                  they are; depth: with a depth camera beside the camera, and judged by where the objects are',
  '  --verbose       show what the set-up does',
].join('\n');

/** @param {string | undefined} path */
const absolute = (path) => (path === undefined ? null : resolve(path));

/**
 * The flags, or null where the help was asked for. Throws Error for those that cannot be used.
 *
 * @param {string[]} args
 * @returns {import('./program.mjs').DemoOptions | null}
 */
export function readOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: 'string' },
      backend: { type: 'string', default: 'auto' },
      compiled: { type: 'string' },
      images: { type: 'string' },
      scene: { type: 'string', default: 'shapes' },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return null;
  if (!BACKENDS.includes(values.backend)) {
    throw new Error(`--backend is ${values.backend}; expected ${BACKENDS.join(', ')}`);
  }
  if (!SCENES.includes(values.scene)) {
    throw new Error(`--scene is ${values.scene}; expected ${SCENES.join(', ')}`);
  }
  if (values.backend === BPU_SIM && values.scene !== 'shapes') {
    throw new Error(`--scene ${values.scene} is not for --backend ${BPU_SIM}`);
  }
  const { least, usual } = values.backend === BPU_SIM ? BPU_SIM_SECONDS : SECONDS;
  const seconds = Number(values.seconds ?? usual);
  if (!(seconds >= least && seconds <= MOST_SECONDS)) {
    throw new Error(`--seconds is ${values.seconds}; expected ${least} to ${MOST_SECONDS}`);
  }
  for (const name of /** @type {const} */ (['compiled', 'images'])) {
    const path = values[name];
    if (path === undefined) continue;
    if (values.backend !== BPU_SIM) throw new Error(`--${name} is for --backend ${BPU_SIM}`);
    if (!existsSync(path)) throw new Error(`--${name}: ${path} is not there`);
  }
  const { backend, compiled, images, scene } = values;
  return { seconds, backend, scene, compiled: absolute(compiled), images: absolute(images) };
}
