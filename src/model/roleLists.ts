import type { HeadRole } from './headLayout.js';
import type { NamedRoles } from './headRoles.js';
import type { NamedOutput } from './namedHeads.js';

/** Keys under which files list outputs by meaning, and the roles they stand for. */
export const roleOfKey = { classes: 'cls', boxes: 'box', coefficients: 'coef' } as const satisfies Record<
  string,
  HeadRole
>;

/** What a list of outputs may be of. */
type RoleKey = keyof typeof roleOfKey;

/** The names of outputs by meaning, level by level. */
export type RoleLists = Readonly<Record<RoleKey, readonly string[]>>;

/** What files list of raw heads. */
export function roleLists(heads: readonly NamedOutput[]): RoleLists {
  const outputsOf = (key: RoleKey) =>
    heads.filter(({ role }) => role === roleOfKey[key]).map(({ output }) => output);
  return {
    classes: outputsOf('classes'),
    boxes: outputsOf('boxes'),
    coefficients: outputsOf('coefficients'),
  };
}

/** The same by the names of outputs. */
export function namedRoles(lists: RoleLists): NamedRoles {
  return new Map(
    (Object.keys(roleOfKey) as RoleKey[]).flatMap((key) =>
      lists[key].map((name) => [name, roleOfKey[key]] as const),
    ),
  );
}
