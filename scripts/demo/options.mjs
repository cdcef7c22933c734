// What `npm run demo` can be told.
import { parseArgs } from 'node:util';

/** The backend name of the demo alone: the BPU backend on fakednn, which keeps the board's times. */
export const BPU_SIM = 'bpu-sim';
/** Known before anything is built, where the registry of backends cannot be asked yet; a test compares them. */
const BACKENDS = ['auto', 'bpu', 'onnx', 'replay', BPU_SIM];
/** The node reports once a second, and bpu-sim's rate lies between two reports. */
const SECONDS = { least: 1, usual: 15 };
const BPU_SIM_SECONDS = { least: 3, usual: 6 };
const MOST_SECONDS = 600;

export const USAGE = [
  'usage: npm run demo -- [--seconds N] [--backend NAME] [--verbose]',
  `  --seconds N     seconds of frames, up to ${MOST_SECONDS} (${SECONDS.usual}; with ${BPU_SIM} ${BPU_SIM_SECONDS.usual} for each of its parts)`,
  `  --backend NAME  ${BACKENDS.join(', ')} (auto); ${BPU_SIM} keeps the times of the RDK X5 on this PC`,
  '  --verbose       show what the set-up does',
].join('\n');

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
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return null;
  if (!BACKENDS.includes(values.backend)) {
    throw new Error(`--backend is ${values.backend}; expected ${BACKENDS.join(', ')}`);
  }
  const { least, usual } = values.backend === BPU_SIM ? BPU_SIM_SECONDS : SECONDS;
  const seconds = Number(values.seconds ?? usual);
  if (!(seconds >= least && seconds <= MOST_SECONDS)) {
    throw new Error(`--seconds is ${values.seconds}; expected ${least} to ${MOST_SECONDS}`);
  }
  return { seconds, backend: values.backend };
}
