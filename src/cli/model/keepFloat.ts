import { InvalidArgumentError, Option } from 'commander';
import { headRoles } from '../../toolchain/logs/dequantChoice.js';
import type { OutputRole } from '../../model/namedHeads.js';

/** Given twice, the heads of both. */
function readRoles(text: string, before: ReadonlySet<OutputRole>): ReadonlySet<OutputRole> {
  if (text === 'none') return new Set();
  const names = text.split(',').map((name) => name.trim());
  const known = headRoles.filter((role) => names.includes(role));
  if (known.length < new Set(names).size) {
    throw new InvalidArgumentError(`expected some of ${headRoles.join(',')}, or none.`);
  }
  return new Set([...before, ...known]);
}

/** The heads whose Dequantize nodes stay, for the commands that remove these. */
export function keepFloatOption(): Option {
  return new Option(
    '--keep-float <heads>',
    `heads that the CPU of the board makes floats of, some of ${headRoles.join(',')}; the others are integers`,
  )
    .argParser(readRoles)
    .default(new Set<OutputRole>(), 'none');
}
