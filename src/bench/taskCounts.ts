import { ConfigError } from '../core/errors.js';

/** As many tasks as any backend takes. */
const maxTasks = 8;

function unusable(text: string): ConfigError {
  return new ConfigError(
    'tasks',
    `--tasks ${text}: expected a number from 1 to ${maxTasks}, a range such as 1..4, or a list such as 1,2,4`,
    { text },
  );
}

function expand(part: string, text: string): number[] {
  const found = /^(\d+)(?:\.\.(\d+))?$/.exec(part.trim());
  if (found === null) throw unusable(text);
  const first = Number(found[1]);
  const last = Number(found[2] ?? found[1]);
  if (first < 1 || last > maxTasks || last < first) throw unusable(text);
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** Reads `4`, `1..8` or `1,2,4`: ascending, each once. Throws ConfigError `tasks`. */
export function parseTaskCounts(text: string): number[] {
  const counts = text.split(',').flatMap((part) => expand(part, text));
  return [...new Set(counts)].sort((a, b) => a - b);
}
