import type { TensorSpec } from '../core/tensor.js';
import { namesOneToOne } from './layerNames.js';
import type { BoxForm, OutputAliases } from './headRoles.js';

/** What is known of how many cells find one object. */
export interface AssignmentHints {
  /** True if somebody who knows the model says that one cell alone does. */
  readonly oneToOne: boolean | undefined;
  readonly aliases: OutputAliases | undefined;
}

/**
 * What tells that heads are one-to-one: trained so that one cell alone finds an object, which leaves nothing to
 * suppress. Null if nothing does. YOLO26 calls such branches `one2one_cv2`, `one2one_cv3`.
 */
export function oneToOneBy(
  heads: readonly TensorSpec[],
  { oneToOne, aliases }: AssignmentHints,
): string | null {
  if (oneToOne !== undefined) return oneToOne ? 'what was given' : null;
  const isNamed = ({ name }: TensorSpec) => [name, ...(aliases?.get(name) ?? [])].some(namesOneToOne);
  return heads.every(isNamed) ? 'names' : null;
}

/** What `nms: auto` comes to, for the line that describes a model; empty where there never was a question. */
export function describeNms(heads: {
  readonly oneToOneBy: string | null;
  readonly boxForm?: BoxForm;
}): string {
  if (heads.oneToOneBy !== null) return `; NMS off by auto, one-to-one heads by ${heads.oneToOneBy}`;
  return heads.boxForm === 'distances' ? '; NMS on by auto, nothing tells of one-to-one heads' : '';
}
