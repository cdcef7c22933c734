import type { GridHead } from './headLayout.js';

/** The three heads of one level, by meaning. */
export interface LevelRoles {
  readonly cls: GridHead;
  readonly box: GridHead;
  readonly coef: GridHead;
}

/** A way to name the heads of all levels; every level has the same class count and DFL bins. */
export interface RoleReading {
  readonly levels: readonly LevelRoles[];
  /** What decided where shapes alone did not; empty if they did. */
  readonly decidedBy: string;
}

/** The meaning of outputs by their names, as somebody who knows the model gives it. */
export type NamedRoles = ReadonlyMap<string, keyof LevelRoles>;

export interface RoleHints {
  readonly classCount: number | undefined;
  readonly roles: NamedRoles | undefined;
}

const namePatterns: Readonly<Record<keyof LevelRoles, RegExp>> = {
  cls: /(^|[^a-z0-9])(cv3|cls|class|classes|score|scores|conf|logits)([^a-z0-9]|\d*$)/i,
  box: /(^|[^a-z0-9])(cv2|box|boxes|bbox|bboxes|reg|dfl|dist)([^a-z0-9]|\d*$)/i,
  coef: /(^|[^a-z0-9])(cv4|coef|coefs|coeff|coeffs|coefficients|mc|mask|masks|mces)([^a-z0-9]|\d*$)/i,
};

function claimedRole(grid: GridHead): keyof LevelRoles | null {
  const claims = (Object.keys(namePatterns) as (keyof LevelRoles)[]).filter((role) =>
    namePatterns[role].test(grid.spec.name),
  );
  return claims.length === 1 ? claims[0] : null;
}

function readingsOf(grids: readonly GridHead[], coefCount: number): LevelRoles[] {
  const orders = [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ];
  return orders
    .map(([cls, box, coef]) => ({ cls: grids[cls], box: grids[box], coef: grids[coef] }))
    .filter(({ box, coef }) => coef.channels === coefCount && box.channels % 4 === 0 && box.channels >= 8);
}

const pairOf = (roles: LevelRoles) => `${roles.cls.channels} ${roles.box.channels}`;

/** Keeps the readings whose class count and DFL bins exist on every level. */
function sharedReadings(levels: readonly (readonly LevelRoles[])[]): LevelRoles[][] {
  return levels.map((readings) =>
    readings.filter((roles) => levels.every((other) => other.some((one) => pairOf(one) === pairOf(roles)))),
  );
}

interface Evidence {
  readonly name: string;
  readonly agrees: (roles: LevelRoles) => boolean;
}

/**
 * All ways to read the levels' heads that shapes allow, narrowed by the evidence in order of strength until
 * one is left: the roles and the class count given, node names, element types (integer boxes and coefficients beside float
 * classes), 16 DFL bins. Returns the readings left over per level: one each if it could be decided.
 */
export function readRoles(
  levels: readonly (readonly GridHead[])[],
  coefCount: number,
  hints: RoleHints,
): { readonly perLevel: readonly (readonly LevelRoles[])[]; readonly reading: RoleReading | null } {
  let perLevel = sharedReadings(levels.map((grids) => readingsOf(grids, coefCount)));
  const used: string[] = [];
  const evidence: Evidence[] = [
    {
      name: 'roles given',
      agrees: (roles) =>
        (Object.keys(namePatterns) as (keyof LevelRoles)[]).every((role) => {
          const given = hints.roles?.get(roles[role].spec.name);
          return given === undefined || given === role;
        }),
    },
    {
      name: `class count ${hints.classCount}`,
      agrees: (roles) => hints.classCount === undefined || roles.cls.channels === hints.classCount,
    },
    {
      name: 'names',
      agrees: (roles) =>
        (Object.keys(namePatterns) as (keyof LevelRoles)[]).every((role) => {
          const claimed = claimedRole(roles[role]);
          return claimed === null || claimed === role;
        }),
    },
    {
      name: 'element types',
      agrees: (roles) => roles.cls.spec.type === 'f32' && roles.box.spec.type !== 'f32',
    },
    {
      name: 'element types',
      agrees: (roles) => roles.cls.spec.type === 'f32' && roles.coef.spec.type !== 'f32',
    },
    { name: '16 DFL bins', agrees: (roles) => roles.box.channels === 64 },
  ];
  for (const { name, agrees } of evidence) {
    if (perLevel.every((readings) => readings.length <= 1)) break;
    const narrowed = sharedReadings(perLevel.map((readings) => readings.filter(agrees)));
    if (narrowed.some((readings) => readings.length === 0)) continue;
    const helped = narrowed.some((readings, level) => readings.length < perLevel[level].length);
    if (helped && !used.includes(name)) used.push(name);
    perLevel = narrowed;
  }
  const decided = perLevel.every((readings) => readings.length === 1);
  const reading = decided
    ? { levels: perLevel.map((readings) => readings[0]), decidedBy: used.join(', ') }
    : null;
  return { perLevel, reading };
}
