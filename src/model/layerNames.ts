import type { HeadRole } from './headLayout.js';

/** What training packages call the branches of the heads; `cv2.0` is that of the boxes on the finest level. */
export const branchNames: Readonly<Record<HeadRole, string>> = { box: 'cv2', cls: 'cv3', coef: 'cv4' };

/** What the names of branches begin with that are trained so that one cell alone finds an object. */
export const oneToOnePrefix = 'one2one_';

/** True for a name of an output, a node or a weight that speaks of one-to-one heads. */
export function namesOneToOne(name: string): boolean {
  return /one2one/i.test(name);
}

/** A layer of the heads, by its name. */
export interface HeadLayer {
  /** That of the mask coefficients is something else in pose and oriented models. */
  readonly role: HeadRole | 'proto';
  /** From 0, the finest first; 0 for the prototypes. */
  readonly level: number;
  readonly isOneToOne: boolean;
  /** As it stands in the name: `cv2.0`, `one2one_cv2.0`, `proto`. */
  readonly branch: string;
}

const { box, cls, coef } = branchNames;
const layerPattern = new RegExp(`/((?:(${oneToOnePrefix})?(${box}|${cls}|${coef})\\.(\\d+))|proto)/`);

/** The layer of the heads that a node `/model.22/cv2.0/...` belongs to; null for one of backbone and neck. */
export function layerOf(nodeName: string): HeadLayer | null {
  const [, branch, prefix, name, level] = layerPattern.exec(nodeName) ?? [];
  if (branch === undefined) return null;
  const role = (['box', 'cls', 'coef'] as const).find((one) => branchNames[one] === name) ?? 'proto';
  return { role, level: Number(level ?? 0), isOneToOne: prefix !== undefined, branch };
}

// Blocks of backbones have branches that are called as those of the boxes.
const modulePattern = new RegExp(`^(/.*?/)(?:(?:${oneToOnePrefix})?(?:${cls}|${coef})\\.\\d+|dfl|proto)/`);

/** What the names of all layers of the heads begin with, `/model.22/`, where this one tells it. */
export function headModuleOf(nodeName: string): string | null {
  return modulePattern.exec(nodeName)?.[1] ?? null;
}
