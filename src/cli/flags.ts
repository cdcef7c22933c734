import { InvalidArgumentError, Option } from 'commander';
import { type ParameterName, parameterSpecs } from '../config/schema.js';
import { ConfigError } from '../core/errors.js';
import { whyNoClassName } from '../files/namesFile.js';

/** Reads a flag that counts something. */
export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('expected a positive integer.');
  return value;
}

/** An option with description, choices, range and default of a parameter of the node. */
export function parameterOption(flag: string, name: ParameterName): Option {
  const spec = parameterSpecs.find((one) => one.name === name)!;
  const option = new Option(`${flag} <value>`, spec.description).default(spec.default);
  if (spec.type === 'integer') option.argParser((text) => wholeNumber(text, spec.range));
  if (spec.type === 'double') option.argParser((text) => numberIn(text, spec.range));
  return 'choices' in spec ? option.choices(spec.choices) : option;
}

/** The parameters that a command's flags give, by the names that commander gives them; one that is not set gives none. Not judged. */
export function parametersOfFlags(
  flags: object,
  names: Readonly<Record<string, ParameterName>>,
): Record<string, unknown> {
  const given = flags as Readonly<Record<string, unknown>>;
  const pairs = Object.entries(names).map(([flag, name]) => [name, given[flag]] as const);
  return Object.fromEntries(pairs.filter(([, value]) => value !== undefined));
}

/** Reads a flag with a list, parted by commas. */
export function listOf(text: string): string[] {
  return text.split(',').map((item) => item.trim());
}

/** Reads `--class-names`, parted by commas; a file of names is refused with what takes it. */
export function classNamesOf(text: string): string[] {
  const why = whyNoClassName(text);
  if (why !== null) throw new InvalidArgumentError(why);
  return listOf(text);
}

/** Reads a flag that may be repeated. */
export function repeated(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}

function numberIn(text: string, { from, to }: { readonly from: number; readonly to: number }): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (value >= from && value <= to) return value;
  throw new InvalidArgumentError(`expected a number from ${from} to ${to}.`);
}

/** Reads a flag with a range. */
export function wholeNumber(
  text: string,
  { from, to }: { readonly from: number; readonly to: number },
): number {
  const value = text === '' ? Number.NaN : Number(text);
  if (Number.isInteger(value) && value >= from && value <= to) return value;
  throw new InvalidArgumentError(`expected a whole number from ${from} to ${to}.`);
}

/** A flag that has another name now: hidden, and answered with that name. */
export function renamedOption(flags: string, name: string): Option {
  const option = new Option(flags).hideHelp();
  return option.argParser((text: string) => {
    throw new ConfigError('arguments', `${option.long} is called ${name} now: give ${name} ${text}`);
  });
}
