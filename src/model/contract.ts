import { ModelContractError } from '../core/errors.js';
import { layTable } from '../core/table.js';
import { describeTensor, type TensorSpec } from '../core/tensor.js';

/** One row of the table a refusal shows. */
export interface ContractRow {
  readonly expected: string;
  readonly found: string;
}

/**
 * A refusal of a model's outputs: one sentence, then expected against found, then all outputs as they are.
 *
 * `isAmbiguous`: they fit in more than one way, so that names or a class count would decide.
 */
export function refuseHeads(
  reason: string,
  rows: readonly ContractRow[],
  outputs: readonly TensorSpec[],
  isAmbiguous = false,
): ModelContractError {
  const table = [{ expected: 'expected', found: 'found' }, ...rows];
  const lines = layTable(
    table.map((row) => [row.expected, row.found]),
    { separator: ' | ' },
  );
  const found = outputs.map((spec) => `  ${describeOutput(spec)}`);
  const message = [reason, ...lines, `outputs of the model (${outputs.length}):`, ...found];
  const details = { reason, rows, outputs: outputs.map(describeOutput), isAmbiguous };
  return new ModelContractError('heads', message, details);
}

/** `379 [1, 80, 80, 64] s32, strides 1638400 20480 256 4, 64 scales on axis 3`. */
export function describeOutput(spec: TensorSpec): string {
  return `${describeTensor(spec)}, strides ${spec.strideBytes.join(' ')}${describeQuantisation(spec)}`;
}

function describeQuantisation(spec: TensorSpec): string {
  const quantisation = spec.quantisation;
  if (quantisation.kind === 'none') return '';
  const count = quantisation.kind === 'scale' ? quantisation.quantScales.length : quantisation.shifts.length;
  const noun = quantisation.kind === 'scale' ? 'scale' : 'shift';
  return count === 1 ? `, one ${noun}` : `, ${count} ${noun}s on axis ${quantisation.axis}`;
}
