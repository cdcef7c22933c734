// What `npm run soak` can be told.
import { parseArgs } from 'node:util';

/** Files of test/soak, in the order in which they are run. */
export const parts = [
  'lifecycle',
  'faults',
  'cameras',
  'severalCameras',
  'depth',
  'parameters',
  'subscribers',
  'stopped',
];

export const USAGE = [
  'usage: npm run soak -- [--minutes N] [--part NAME]...',
  '  --minutes N   each part goes on for so long, in place of its count; fractions are taken',
  `  --part NAME   ${parts.join(', ')}; all of them unless given`,
].join('\n');

/**
 * The flags, or null where the help was asked for. Throws Error for those that cannot be used.
 *
 * @param {string[]} args
 * @returns {{ minutes: number | null, chosen: string[] } | null}
 */
export function readOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      minutes: { type: 'string' },
      part: { type: 'string', multiple: true },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return null;
  const minutes = values.minutes === undefined ? null : Number(values.minutes);
  if (minutes !== null && !(minutes > 0)) {
    throw new Error(`--minutes is ${values.minutes}; expected a number above 0`);
  }
  const chosen = values.part ?? parts;
  const unknown = chosen.find((part) => !parts.includes(part));
  if (unknown !== undefined) throw new Error(`--part is ${unknown}; expected ${parts.join(', ')}`);
  return { minutes, chosen };
}
