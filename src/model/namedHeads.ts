import type { HeadRole } from './headLayout.js';
import type { RawHeads } from './rawHeads.js';

/** What an output holds: a head of one level, or the prototypes of the masks. */
export type OutputRole = HeadRole | 'proto';

/** `box8`; the role alone for the prototypes, or where the level is not known. */
export function describeHead(role: OutputRole, downsample: number | null): string {
  return role === 'proto' || downsample === null ? role : `${role}${downsample}`;
}

/** One output of the model by meaning; `downsample` is model pixels per cell. */
export interface NamedOutput {
  readonly role: OutputRole;
  readonly downsample: number;
  readonly output: string;
  readonly dims: readonly number[];
}

/** The outputs of raw heads by meaning, level by level, the prototypes last. */
export function namedHeads({ levels, proto }: RawHeads): NamedOutput[] {
  const named = levels.flatMap(({ downsample, cls, box, coef }) =>
    [
      { role: 'cls' as const, grid: cls },
      { role: 'box' as const, grid: box },
      { role: 'coef' as const, grid: coef },
    ].map(({ role, grid }) => ({ role, downsample, output: grid.spec.name, dims: grid.spec.dims })),
  );
  const { spec, downsample } = proto;
  return [...named, { role: 'proto', downsample, output: spec.name, dims: spec.dims }];
}
