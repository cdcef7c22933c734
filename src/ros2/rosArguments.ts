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

/**
 * Reads ROS arguments as far as they are looked at here; rcl judges them.
 *
 * Throws ConfigError for arguments outside of `--ros-args ... --`, which nobody would read.
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
    else if (Object.hasOwn(listOfFlag, argument) && i + 1 < args.length)
      found[listOfFlag[argument]!].push(args[++i]!);
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
