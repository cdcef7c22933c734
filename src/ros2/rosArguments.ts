import { ConfigError } from '../core/errors.js';
import { nearestName } from '../core/words.js';

/** What stands between `--ros-args` and `--`, by kind. */
export interface RosArguments {
  /** `from:=to`, with a node name and a colon in front where it is for one node. */
  readonly remapRules: readonly string[];
  /** `name:=value`, likewise. */
  readonly parameterRules: readonly string[];
  readonly parameterFiles: readonly string[];
}

const listOfFlag: Readonly<Record<string, keyof RosArguments>> = {
  '-r': 'remapRules',
  '--remap': 'remapRules',
  '-p': 'parameterRules',
  '--param': 'parameterRules',
  '--params-file': 'parameterFiles',
};

function adviceOn(argument: string): string {
  const rule = argument.includes(':=');
  if (rule || Object.hasOwn(listOfFlag, argument))
    return `; it belongs behind --ros-args${rule ? ' -p or --ros-args -r' : ''}`;
  const nearest = nearestName(argument, ['--ros-args', '--help']);
  return nearest === null ? '; expected --ros-args' : `; did you mean ${nearest}?`;
}

/** Refuses what rcl would refuse as a lexeme that it did not find. */
function checkRule(flag: string, rule: string | undefined): void {
  const form = flag === '-r' || flag === '--remap' ? 'FROM:=TO' : 'NAME:=VALUE';
  if (rule?.includes(':=')) return;
  const wrong = rule === undefined ? `${flag} stands at the end` : `${flag} ${rule} has no ":="`;
  const meant = rule?.includes('=') ? `${flag} ${rule.replace(/\s*=\s*/, ':=')}` : `${flag} ${form}`;
  throw new ConfigError('arguments', `${wrong}; expected ${meant}`, { flag, rule });
}

/**
 * Reads ROS arguments as far as they are looked at here; rcl judges them.
 *
 * Throws ConfigError for arguments outside of `--ros-args ... --`, which nobody would read, and for rules without `:=`.
 */
export function readRosArguments(command: string, args: readonly string[]): RosArguments {
  const found = { remapRules: [], parameterRules: [], parameterFiles: [] } as Record<
    keyof RosArguments,
    string[]
  >;
  const strays: string[] = [];
  let inside = false;
  for (let i = 0; i < args.length; i++) {
    const argument = args[i]!;
    if (argument === '--ros-args') inside = true;
    else if (inside && argument === '--') inside = false;
    else if (!inside) strays.push(argument);
    else if (Object.hasOwn(listOfFlag, argument)) {
      const value = args[++i];
      const list = listOfFlag[argument]!;
      if (list !== 'parameterFiles') checkRule(argument, value);
      if (value !== undefined) found[list].push(value);
    }
  }
  if (strays.length > 0) {
    throw new ConfigError(
      'arguments',
      `${command} does not take ${strays.join(' ')}${adviceOn(strays[0]!)}`,
      { strays },
    );
  }
  return found;
}
