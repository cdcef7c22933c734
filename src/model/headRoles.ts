import { onlyOf } from '../core/onlyOf.js';
import type { GridHead, HeadRole } from './headLayout.js';
import { readingsInUsualOrder } from './headOrders.js';
import { branchNames } from './layerNames.js';

/** The three heads of one level before their meaning is known. */
export type LevelGrids = readonly [GridHead, GridHead, GridHead];

/** The three heads of one level, by meaning. */
export type LevelRoles = Readonly<Record<HeadRole, GridHead>>;

/** A way to name the heads of all levels; every level has the same class count and DFL bins. */
export interface RoleReading {
  /** The first of `levels`. */
  readonly finest: LevelRoles;
  readonly levels: readonly LevelRoles[];
  /** What decided where shapes alone did not; empty if they did. */
  readonly decidedBy: string;
}

/** What was made of the heads of all levels; `readings` are those of one level that were left. */
export type RoleFinding =
  | { readonly kind: 'read'; readonly reading: RoleReading }
  | {
      readonly kind: 'open';
      readonly readings: readonly LevelRoles[];
      /** With the class count given, the order of the outputs would decide. */
      readonly orderTells: boolean;
    }
  /** They are several, and what was given fits none of them. */
  | {
      readonly kind: 'contradicted';
      readonly given: Given;
      readonly readings: readonly LevelRoles[];
    };

/** What somebody who knows the model may say of it. */
export type Given = 'roles' | 'class count' | 'box form';

/** What a box head holds for each side: a distribution over bins (DFL), or the distance itself, as YOLO26 has it. */
export type BoxForm = 'dfl' | 'distances';

/** The meaning of outputs by their names, as somebody who knows the model gives it. */
export type NamedRoles = ReadonlyMap<string, HeadRole>;

/** Further names of outputs by output name, such as those of the nodes that make them. */
export type OutputAliases = ReadonlyMap<string, readonly string[]>;

/** What is known of the outputs beside their shapes; undefined where nobody said it. */
export interface RoleHints {
  readonly classCount: number | undefined;
  readonly boxForm: BoxForm | undefined;
  readonly roles: NamedRoles | undefined;
  readonly aliases: OutputAliases | undefined;
}

/** Channels of a box head that holds the four distances themselves. */
const distanceChannels = 4;

/** Channels of a box head of four distributions over the 16 bins that every published model has. */
export const usualBoxChannels = 64;

/** A distribution over a single bin would hold nothing, so four channels are the distances themselves. */
export function boxFormOf({ box }: LevelRoles): BoxForm {
  return box.channels === distanceChannels ? 'distances' : 'dfl';
}

const wordIn = (words: readonly string[]) =>
  new RegExp(`(^|[^a-z0-9])(${words.join('|')})\\d*([^a-z0-9]|$)`, 'i');

const namePatterns: Readonly<Record<HeadRole, RegExp>> = {
  cls: wordIn([branchNames.cls, 'cls', 'class', 'classes', 'score', 'scores', 'conf', 'logits']),
  box: wordIn([branchNames.box, 'box', 'boxes', 'bbox', 'bboxes', 'reg', 'dfl', 'dist']),
  coef: wordIn([
    branchNames.coef,
    'coef',
    'coefs',
    'coeff',
    'coeffs',
    'coefficients',
    'mc',
    'mask',
    'masks',
    'mces',
  ]),
};

/** The role that an output's names speak of; null if they speak of none or of several. */
export function claimedRole({ spec }: GridHead, aliases: OutputAliases | undefined): HeadRole | null {
  const names = [spec.name, ...(aliases?.get(spec.name) ?? [])];
  // The prototype's own convolutions are called cv1 to cv3, as the branches of the heads are.
  if (names.some((name) => /proto/i.test(name))) return null;
  const claims = (Object.keys(namePatterns) as HeadRole[]).filter((role) =>
    names.some((name) => namePatterns[role].test(name)),
  );
  return onlyOf(claims) ?? null;
}

function readingsOf([first, second, third]: LevelGrids, coefCount: number): LevelRoles[] {
  const orders: LevelRoles[] = [
    { cls: first, box: second, coef: third },
    { cls: first, box: third, coef: second },
    { cls: second, box: first, coef: third },
    { cls: second, box: third, coef: first },
    { cls: third, box: first, coef: second },
    { cls: third, box: second, coef: first },
  ];
  return orders.filter(({ box, coef }) => coef.channels === coefCount && box.channels % 4 === 0);
}

const pairOf = (roles: LevelRoles) => `${roles.cls.channels} ${roles.box.channels}`;

/** Keeps the readings whose class count and DFL bins exist on every level. */
function sharedReadings(levels: readonly (readonly LevelRoles[])[]): LevelRoles[][] {
  return levels.map((readings) =>
    readings.filter((roles) => levels.every((other) => other.some((one) => pairOf(one) === pairOf(roles)))),
  );
}

const readingCount = (levels: readonly (readonly LevelRoles[])[]) => levels.flat().length;

interface Evidence {
  readonly name: string;
  /** Where somebody gave it: a fault if it contradicts all readings. Else it is no evidence then. */
  readonly given?: Given;
  readonly agrees: (roles: LevelRoles) => boolean;
}

const roleNames = Object.keys(namePatterns) as HeadRole[];

/** In order of strength. Element types: integer boxes and coefficients beside float classes. */
function evidenceOf({ classCount, boxForm, roles: given, aliases }: RoleHints): Evidence[] {
  const agreesWith = (told: (head: GridHead) => HeadRole | null | undefined) => (roles: LevelRoles) =>
    roleNames.every((role) => (told(roles[role]) ?? role) === role);
  return [
    { name: 'roles given', given: 'roles', agrees: agreesWith(({ spec }) => given?.get(spec.name)) },
    { name: 'names', agrees: agreesWith((head) => claimedRole(head, aliases)) },
    {
      name: `class count ${classCount}`,
      given: 'class count',
      agrees: ({ cls }) => classCount === undefined || cls.channels === classCount,
    },
    {
      name: `box form ${boxForm}`,
      given: 'box form',
      agrees: (roles) => boxForm === undefined || boxFormOf(roles) === boxForm,
    },
    {
      name: 'element types',
      agrees: ({ cls, box }) => cls.spec.type === 'f32' && box.spec.type !== 'f32',
    },
    {
      name: 'element types',
      agrees: ({ cls, coef }) => cls.spec.type === 'f32' && coef.spec.type !== 'f32',
    },
  ];
}

/**
 * All ways to read the levels' heads that shapes allow, with distributions or with distances, narrowed by the
 * evidence until one is left: the roles given, names, the class count and the box form given, element types, the usual
 * channels of boxes, the order of the outputs.
 *
 * Boxes of every published model have 64 channels (16 bins) or 4 (distances), so 4 beside 80 channels are distances
 * beside 80 classes; values for an empty picture bear that out later, for distributions are no class scores. Between 4
 * and 64 channels that decides nothing: they are 4 classes with 16 bins or 64 classes with distances. Order decides
 * there for 16 bins alone (no export with distances has the seed's order), and where the class count is given and still
 * leaves two heads of one shape; but only where the outputs stand in one usual order, not in two by two readings.
 */
export function readRoles(levels: readonly LevelGrids[], coefCount: number, hints: RoleHints): RoleFinding {
  let perLevel = sharedReadings(levels.map((grids) => readingsOf(grids, coefCount)));
  const used = new Set<string>();
  const isOpen = () => perLevel.some((readings) => readings.length > 1);
  const mostReadings = () => perLevel.reduce((most, some) => (some.length > most.length ? some : most));
  /** False if all readings disagree, which are then kept. */
  const narrow = ({ name, agrees }: Evidence): boolean => {
    const narrowed = sharedReadings(perLevel.map((readings) => readings.filter(agrees)));
    if (narrowed.some((readings) => readings.length === 0)) return false;
    if (readingCount(narrowed) < readingCount(perLevel)) used.add(name);
    perLevel = narrowed;
    return true;
  };
  let contradicted: Evidence['given'];
  for (const evidence of evidenceOf(hints)) {
    if (isOpen() && !narrow(evidence)) contradicted ??= evidence.given;
  }
  const hasUsualBins = ({ box }: LevelRoles) => box.channels === usualBoxChannels;
  const hasUsualBoxes = (roles: LevelRoles) => hasUsualBins(roles) || boxFormOf(roles) === 'distances';
  if (isOpen()) narrow({ name: 'the usual channels of boxes', agrees: hasUsualBoxes });
  if (isOpen() && contradicted !== undefined) {
    return { kind: 'contradicted', given: contradicted, readings: mostReadings() };
  }
  const [ordered, ...others] = isOpen() ? readingsInUsualOrder(perLevel) : [];
  const orderTells = ordered?.every(hasUsualBoxes) === true && others.length === 0;
  const maybeDistances = perLevel.some((readings) => readings.some((one) => boxFormOf(one) === 'distances'));
  if (orderTells && (hints.classCount !== undefined || (maybeDistances && ordered!.every(hasUsualBins)))) {
    narrow({ name: 'the order of the outputs', agrees: (roles) => ordered!.includes(roles) });
  }
  const read = perLevel.flatMap((readings) => onlyOf(readings) ?? []);
  const [finest] = read;
  if (finest === undefined || read.length < perLevel.length) {
    return { kind: 'open', readings: mostReadings(), orderTells };
  }
  return { kind: 'read', reading: { levels: read, finest, decidedBy: [...used].join(', ') } };
}
