import { SegError } from '../../core/errors.js';
import type { GraphInfoTensor } from '../info/graphInfo.js';
import { headOfNode } from '../logs/dequantChoice.js';
import { describeHead, type NamedOutput, type OutputRole } from '../../model/namedHeads.js';
import { isDequantize, type ModifierLog, readModifierLog } from '../logs/modifierLog.js';
import { readRemovedScales } from '../logs/removedScales.js';

/** The scales of the heads that come out as integers, by output name. */
export function scalesOfOutputs(
  modifierLog: string,
  heads: readonly NamedOutput[],
): Map<string, readonly number[]> {
  const byNode = readRemovedScales(modifierLog);
  return new Map(
    readModifierLog(modifierLog).listed.flatMap((node) => {
      const head = headOfNode(node, heads);
      const scales = byNode.get(node.name);
      return head === null || scales === undefined ? [] : [[head.output, scales] as const];
    }),
  );
}

/** The Dequantize nodes behind the heads that are to come out as integers. */
export function chooseRemovals(
  { listed }: ModifierLog,
  heads: readonly NamedOutput[],
  keptFloat: ReadonlySet<OutputRole>,
): string[] {
  return listed
    .filter(isDequantize)
    .filter((node) => {
      const head = headOfNode(node, heads);
      return head !== null && !keptFloat.has(head.role);
    })
    .map(({ name }) => name);
}

/**
 * Holds the outputs of the compiled model against the heads of the float one: same names and shapes, floats where floats
 * were asked for, integers elsewhere.
 *
 * Throws SegError `compiled_outputs` with every output that is otherwise.
 */
export function checkCompiledOutputs(
  outputs: readonly GraphInfoTensor[],
  heads: readonly NamedOutput[],
  keptFloat: ReadonlySet<OutputRole>,
): void {
  const byName = new Map(outputs.map((output) => [output.name, output]));
  const faults = heads.flatMap((head) => {
    const found = byName.get(head.output);
    const isFloat = keptFloat.has(head.role);
    const expected = `[${head.dims.join(', ')}] ${isFloat ? 'FLOAT' : 'INT32 or INT16'}`;
    const fits =
      found !== undefined &&
      found.dims.join() === head.dims.join() &&
      (isFloat ? found.type === 'FLOAT' : /^INT(?:8|16|32)$/.test(found.type));
    if (fits) return [];
    const what = found === undefined ? 'nothing' : `[${found.dims.join(', ')}] ${found.type}`;
    const remedy = found?.type === 'FLOAT' ? `; --keep-float ${head.role} takes it as it is` : '';
    return [
      `${head.output} (${describeHead(head.role, head.downsample)}): expected ${expected}, found ${what}${remedy}`,
    ];
  });
  if (outputs.length !== heads.length)
    faults.push(`${heads.length} outputs expected, found ${outputs.length}`);
  if (faults.length === 0) return;
  throw new SegError('compiled_outputs', `the compiled model is not as asked for: ${faults.join('; ')}`, {
    faults,
  });
}
