import type { HeadRole } from './headLayout.js';

/** The places of a level's heads in the outputs, by meaning. */
type Places = Readonly<Record<HeadRole, { readonly outputIndex: number }>>;

/** Heads of one level side by side, or those of one meaning for all levels. */
interface OutputOrder {
  readonly grouped: 'by level' | 'by role';
  readonly roles: readonly [HeadRole, HeadRole, HeadRole];
}

/** The orders in which exports give their outputs. */
const usualOrders: readonly OutputOrder[] = [
  // The model zoo.
  { grouped: 'by level', roles: ['cls', 'box', 'coef'] },
  // The branches as training packages number them.
  { grouped: 'by level', roles: ['box', 'cls', 'coef'] },
  // The seed.
  { grouped: 'by role', roles: ['coef', 'box', 'cls'] },
  { grouped: 'by role', roles: ['cls', 'box', 'coef'] },
  { grouped: 'by role', roles: ['box', 'cls', 'coef'] },
];

function isIn({ grouped, roles }: OutputOrder, places: Places, levelCount: number): boolean {
  const step = grouped === 'by level' ? 1 : levelCount;
  const [first, second, third] = roles.map((role) => places[role].outputIndex);
  return second === first! + step && third === second! + step;
}

/** The ways to take one reading of each level so that the outputs stand in a usual order; no two are alike. */
export function readingsInUsualOrder<Level extends Places>(
  perLevel: readonly (readonly Level[])[],
): Level[][] {
  return usualOrders
    .map((order) =>
      perLevel.flatMap((readings) => readings.find((places) => isIn(order, places, perLevel.length)) ?? []),
    )
    .filter((reading) => reading.length === perLevel.length);
}
