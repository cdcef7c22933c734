// What `npm run demo` can be told.
import { parseArgs } from 'node:util';

/** The backend name of the demo alone: the BPU backend on a simulation of the board's timing. */
export const SIMULATION = 'bpu-sim';
/** Known before anything is built, where the registry of backends cannot be asked yet; a test compares them. */
const BACKENDS = ['auto', 'bpu', 'onnx', 'replay', SIMULATION];
/** The node reports once a second, and the simulation's rate lies between two reports. */
const SECONDS = { least: 1, usual: 15 };
const SIMULATION_SECONDS = { least: 3, usual: 6 };
const MOST_SECONDS = 600;

export const USAGE = [
  'usage: npm run demo -- [--seconds N] [--backend NAME] [--verbose]',
  `  --seconds N     seconds of frames, up to ${MOST_SECONDS} (${SECONDS.usual}; with ${SIMULATION} ${SIMULATION_SECONDS.usual} for each of its parts)`,
  `  --backend NAME  ${BACKENDS.join(', ')} (auto); ${SIMULATION} keeps the times of the RDK X5 on this PC`,
  '  --verbose       show what the set-up does',
].join('\n');

/**
 * The flags, or null where the help was asked for. Throws Error for those that cannot be used.
 *
 * @param {string[]} args
 * @returns {{ seconds: number, backend: string } | null}
 */
export function readOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: 'string' },
      backend: { type: 'string', default: 'auto' },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return null;
  if (!BACKENDS.includes(values.backend)) {
    throw new Error(`--backend is ${values.backend}; expected ${BACKENDS.join(', ')}`);
  }
  const { least, usual } = values.backend === SIMULATION ? SIMULATION_SECONDS : SECONDS;
  const seconds = Number(values.seconds ?? usual);
  if (!(seconds >= least && seconds <= MOST_SECONDS)) {
    throw new Error(`--seconds is ${values.seconds}; expected ${least} to ${MOST_SECONDS}`);
  }
  return { seconds, backend: values.backend };
}
