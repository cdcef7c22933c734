import { ModelContractError } from '../core/errors.js';
import type { SizePx } from '../core/geometry.js';
import { limits } from '../core/limits.js';
import { counted, valueText } from '../core/words.js';
import { describeTensor, type TensorSpec } from '../core/tensor.js';
import { describeOutput, refuseHeads } from './contract.js';
import { familyOfRows } from './families.js';
import type { BoxForm, NamedRoles, OutputAliases } from './headRoles.js';
import { looksLikeResults, type ResultHeads, resolveResultHeads } from './resultHeads.js';
import { type ClassScores, resolveRawHeads, type RawHeads } from './rawHeads.js';
import { looksLikeStock, resolveStockHeads, type StockHeads } from './stockHeads.js';
import { tensorFault } from './tensorCheck.js';

/** Where everything lies in a model's outputs, by meaning; made once when the model is loaded. */
export type ResolvedHeads = RawHeads | StockHeads | ResultHeads;

/** What else is known of the model, from its metadata or the user. */
export interface HeadHints {
  readonly classCount?: number | undefined;
  /** Their number is the class count. */
  readonly classNames?: readonly string[] | null | undefined;
  /** What box heads hold, where shapes leave that open. */
  readonly boxForm?: BoxForm | undefined;
  /** Whether one cell alone finds an object (YOLO26's one2one heads), which makes NMS idle. */
  readonly oneToOne?: boolean | undefined;
  /** Where shapes leave the meaning of heads open; what they contradict is refused. */
  readonly roles?: NamedRoles | undefined;
  /** Names of the nodes that make an output, where the file has them: they may tell what its own name does not. */
  readonly aliases?: OutputAliases | undefined;
}

/**
 * Finds the heads of a YOLO segmentation model among its outputs.
 *
 * Three raw heads per level plus the prototype (ten outputs) in any order, or the two outputs of a stock
 * export: rows of all cells, or finished results. They are told apart by shape, strides, element type, quantisation and name, never by position or a
 * layout label. Class count, input size (pixels), DFL bins and coefficient count are free.
 *
 * Throws ModelContractError `heads` with a table of expected and found if something is missing, does not fit
 * or fits in more than one way; `hints` then decide.
 */
export function resolveHeads(
  outputs: readonly TensorSpec[],
  input: SizePx,
  hints: HeadHints = {},
): ResolvedHeads {
  checkSizes(outputs, hints.classNames ?? []);
  checkNames(hints.classNames ?? []);
  const sides = [input.widthPx, input.heightPx];
  if (sides.some((sidePx) => !Number.isInteger(sidePx) || sidePx < 32 || sidePx % 32 !== 0)) {
    const row = { expected: 'multiples of 32', found: `${input.widthPx}x${input.heightPx}` };
    throw refuseHeads('the input size is not one of a YOLOv8 model', [row], outputs);
  }
  const faults = outputs.flatMap((spec) => {
    const fault = tensorFault(spec);
    return fault === null
      ? []
      : [{ expected: `a sound ${spec.name}`, found: `${fault}: ${describeOutput(spec)}` }];
  });
  if (faults.length > 0) throw refuseHeads('an output cannot be used as described', faults, outputs);
  const named = hints.classNames?.length;
  if (named !== undefined && hints.classCount !== undefined && named !== hints.classCount) {
    const row = {
      expected: `${counted(hints.classCount, 'name')} (class count given)`,
      found: counted(named, 'name'),
    };
    throw refuseHeads('class names and class count do not agree', [row], outputs);
  }
  const classCount = hints.classCount ?? named;
  const family = familyOfRows(outputs, input);
  if (family !== null) {
    const found = outputs.map(describeTensor).join('; ');
    const row = { expected: 'raw heads, or the two outputs of a stock export', found };
    throw refuseHeads(`${family.says}; ${family.remedy}`, [row], outputs);
  }
  const { boxForm, oneToOne, roles, aliases } = hints;
  if (looksLikeResults(outputs, input)) {
    return resolveResultHeads(outputs, input, { classCount, oneToOne, aliases });
  }
  return looksLikeStock(outputs, input)
    ? resolveStockHeads(outputs, input, { classCount, oneToOne, aliases })
    : resolveRawHeads(outputs, input, { classCount, boxForm, oneToOne, roles, aliases });
}

/** Throws for what would be carried in every message, or tried in every order, without an end. */
function checkSizes(outputs: readonly TensorSpec[], classNames: readonly string[]): void {
  if (outputs.length > limits.modelOutputs) {
    const what = `the model has ${outputs.length} outputs; expected at most ${limits.modelOutputs}`;
    throw new ModelContractError('heads', what, { outputs: outputs.length });
  }
  const long = classNames.findIndex((name) => name.length > limits.classNameCharacters);
  if (long < 0) return;
  const what = `the name of class ${long} has ${classNames[long]!.length} characters; expected at most ${limits.classNameCharacters}`;
  throw new ModelContractError('class_names', what, { classId: long });
}

/** Throws for a class without a name; of two with one name each keeps it. */
function checkNames(classNames: readonly string[]): void {
  const empty = classNames.findIndex((name) => name.trim() === '');
  if (empty < 0) return;
  const what = `the name of class ${empty}, of ${classNames.length}, is ${valueText(classNames[empty])}; expected a name for each`;
  const remedy =
    'in model.class_names of the node, --class-names of segment and eval, or NAME.yaml beside the model';
  throw new ModelContractError('class_names', `${what}, ${remedy}`, { classId: empty });
}

/** The same heads whose class tensors are known to hold this. The rows of an export hold probabilities anyway. */
export function withClassScores(heads: ResolvedHeads, classScores: ClassScores): ResolvedHeads {
  if (heads.kind !== 'raw' || heads.classScores === classScores) return heads;
  return { ...heads, classScores, form: `${heads.form}; class heads hold ${classScores}` };
}
