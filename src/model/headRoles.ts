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

/** Further names of outputs by output name, such as those of the nodes that make them. */
export type OutputAliases = ReadonlyMap<string, readonly string[]>;

export interface RoleHints {
  readonly classCount: number | undefined;
  readonly roles: NamedRoles | undefined;
  readonly aliases: OutputAliases | undefined;
}

/** Channels of a box head that holds the four distances themselves, as YOLO26 has it, and no distributions. */
const plainBoxChannels = 4;

/** Channels of a box head of four distributions over the 16 bins that every published model has. */
const usualBoxChannels = 64;

/** True for boxes without distributions, which the node does not decode. */
export function hasPlainBoxes({ box }: LevelRoles): boolean {
  return box.channels === plainBoxChannels;
}

const namePatterns: Readonly<Record<keyof LevelRoles, RegExp>> = {
  cls: /(^|[^a-z0-9])(cv3|cls|class|classes|score|scores|conf|logits)([^a-z0-9]|\d*$)/i,
  box: /(^|[^a-z0-9])(cv2|box|boxes|bbox|bboxes|reg|dfl|dist)([^a-z0-9]|\d*$)/i,
  coef: /(^|[^a-z0-9])(cv4|coef|coefs|coeff|coeffs|coefficients|mc|mask|masks|mces)([^a-z0-9]|\d*$)/i,
};

/** The role that an output's names speak of; null if they speak of none or of several. */
export function claimedRole({ spec }: GridHead, aliases: OutputAliases | undefined): keyof LevelRoles | null {
  const names = [spec.name, ...(aliases?.get(spec.name) ?? [])];
  // The prototype's own convolutions are called cv1 to cv3, as the branches of the heads are.
  if (names.some((name) => /proto/i.test(name))) return null;
  const claims = (Object.keys(namePatterns) as (keyof LevelRoles)[]).filter((role) =>
    names.some((name) => namePatterns[role].test(name)),
  );
  return claims.length === 1 ? claims[0] : null;
}

/**
 * The two orders in which exports give their outputs: classes, box, coefficients of each level (the model zoo), or
 * coefficients, boxes, classes of all levels (the seed). No export of plain boxes has the second.
 */
function isUsualOrder(roles: LevelRoles, levelCount: number): boolean {
  const [cls, box, coef] = [roles.cls.outputIndex, roles.box.outputIndex, roles.coef.outputIndex];
  if (box === cls + 1 && coef === box + 1) return true;
  return !hasPlainBoxes(roles) && box === coef + levelCount && cls === box + levelCount;
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
    .filter(({ box, coef }) => coef.channels === coefCount && box.channels % 4 === 0);
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
 * All ways to read the levels' heads that shapes allow, with distributions or with plain boxes, narrowed by the
 * evidence in order of strength until one is left: the roles and the class count given, names, element types
 * (integer boxes and coefficients beside float classes), 16 DFL bins, the order of the outputs. Returns the
 * readings left over per level: one each if it could be decided.
 *
 * Bins do not decide against plain boxes, which have none: 4 and 64 channels are 4 classes with 16 bins or 64
 * classes with plain boxes. Order decides there, and where the class count is given and still leaves two heads of one shape.
 */
export function readRoles(
  levels: readonly (readonly GridHead[])[],
  coefCount: number,
  hints: RoleHints,
): { readonly perLevel: readonly (readonly LevelRoles[])[]; readonly reading: RoleReading | null } {
  let perLevel = sharedReadings(levels.map((grids) => readingsOf(grids, coefCount)));
  const maybePlain = () => perLevel.some((readings) => readings.some(hasPlainBoxes));
  const used: string[] = [];
  const roleNames = Object.keys(namePatterns) as (keyof LevelRoles)[];
  const evidence: Evidence[] = [
    {
      name: 'roles given',
      agrees: (roles) =>
        roleNames.every((role) => {
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
        roleNames.every((role) => {
          const claimed = claimedRole(roles[role], hints.aliases);
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
    { name: '16 DFL bins', agrees: (roles) => maybePlain() || roles.box.channels === usualBoxChannels },
    {
      name: 'the order of the outputs',
      agrees: (roles) =>
        (hints.classCount === undefined && !maybePlain()) ||
        ((hasPlainBoxes(roles) || roles.box.channels === usualBoxChannels) &&
          isUsualOrder(roles, levels.length)),
    },
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
