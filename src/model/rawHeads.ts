import type { SizePx } from '../core/geometry.js';
import { counted } from '../core/words.js';
import { onlyOf } from '../core/onlyOf.js';
import type { ModelContractError } from '../core/errors.js';
import type { TensorSpec } from '../core/tensor.js';
import { type ContractRow, describeOutput, refuseHeads } from './contract.js';
import { type AssignmentHints, describeNms, oneToOneBy } from './assignment.js';
import { type Family, familyOfGrids } from './families.js';
import { type GridHead, readGrids } from './headLayout.js';
import {
  type BoxForm,
  boxFormOf,
  claimedRole,
  type LevelGrids,
  type LevelRoles,
  type RoleFinding,
  type RoleHints,
  type RoleReading,
  readRoles,
} from './headRoles.js';
import { isPyramid, p2Downsample, p6Downsample, protoDownsampleOf, usualDownsamples } from './pyramid.js';
import { quantisedAlong } from './tensorCheck.js';

/** One scale of the pyramid. */
export interface HeadLevel {
  readonly downsample: number;
  readonly heightCells: number;
  readonly widthCells: number;
  /** Number of the level's first cell; cells count through all levels, finest level first, row by row. */
  readonly firstCell: number;
  /** [1, H, W, C] class logits, or probabilities. */
  readonly cls: GridHead;
  /** [1, H, W, 4 * R] DFL logits, or [1, H, W, 4] distances: left, top, right, bottom. */
  readonly box: GridHead;
  /** [1, H, W, K] mask coefficients. */
  readonly coef: GridHead;
}

/** What class heads hold; probabilities where the export ends in a Sigmoid. */
export const classScoreForms = ['logits', 'probabilities'] as const;

/** One of them. */
export type ClassScores = (typeof classScoreForms)[number];

/** Raw heads per level, as the RDK model exports have them. */
export interface RawHeads {
  readonly kind: 'raw';
  readonly classScores: ClassScores;
  readonly inputWidthPx: number;
  readonly inputHeightPx: number;
  readonly classCount: number;
  readonly coefCount: number;
  readonly boxForm: BoxForm;
  /** What tells that one cell alone finds an object, so that NMS is not needed; null if nothing does. */
  readonly oneToOneBy: string | null;
  /** DFL bins per side; 1 for distances. */
  readonly regMax: number;
  readonly cellCount: number;
  readonly levels: readonly HeadLevel[];
  /** [1, H, W, K] mask prototypes. */
  readonly proto: GridHead;
  /** One line for logs. */
  readonly form: string;
}

/** Resolves raw heads, in any order, as logits; throws ModelContractError `heads`. */
export function resolveRawHeads(
  outputs: readonly TensorSpec[],
  input: SizePx,
  hints: RoleHints & AssignmentHints,
): RawHeads {
  const { grids, unread } = readGrids(outputs, input.widthPx, input.heightPx);
  const size = `${input.widthPx}x${input.heightPx}`;
  if (unread.length > 0) {
    throw refuseHeads(
      `these outputs cannot be read as grids over the ${size} input`,
      unread.map((spec) => ({
        expected: `[1, ${size} / 8, 16, 32 or finer, channels]`,
        found: describeOutput(spec),
      })),
      outputs,
    );
  }
  const family = familyOfGrids(grids);
  if (family !== null) throw refuseFamily(family, grids, outputs);
  const proto = findProto(grids, hints, outputs, input);
  const levels = findLevels(grids, proto, outputs, input, hints);
  checkRoleNames(levels, hints.roles, outputs);
  const reading = decideRoles(levels, proto.channels, hints, outputs);
  checkRoles(reading, hints.roles, outputs);
  checkChannelAxes([...reading.levels.flatMap((level) => Object.values(level)), proto], outputs);
  let cellCount = 0;
  const headLevels = reading.levels.map(({ cls, box, coef }): HeadLevel => {
    const { downsample, heightCells, widthCells } = cls;
    const level = { downsample, heightCells, widthCells, firstCell: cellCount, cls, box, coef };
    cellCount += heightCells * widthCells;
    return level;
  });
  const { cls, box } = reading.finest;
  const boxForm = boxFormOf(reading.finest);
  const finders = headLevels.flatMap((level) => [level.cls.spec, level.box.spec]);
  const assigned = oneToOneBy(finders, hints);
  return {
    kind: 'raw',
    classScores: 'logits',
    inputWidthPx: input.widthPx,
    inputHeightPx: input.heightPx,
    classCount: cls.channels,
    coefCount: proto.channels,
    boxForm,
    oneToOneBy: assigned,
    regMax: box.channels / 4,
    cellCount,
    levels: headLevels,
    proto,
    form: `${describeForm(reading, proto, size)}${describeNms({ boxForm, oneToOneBy: assigned })}`,
  };
}

function describeForm(reading: RoleReading, proto: GridHead, size: string): string {
  const { cls, box, coef } = reading.finest;
  const layout = (grid: GridHead) => (grid.channelAxis === 3 ? 'NHWC' : 'NCHW');
  const layouts = [
    ...new Set([...reading.levels.flatMap((level) => Object.values(level)), proto].map(layout)),
  ];
  const count = reading.levels.length * 3 + 1;
  const types = `cls ${cls.spec.type}, box ${box.spec.type}, coef ${coef.spec.type}, proto ${proto.spec.type}`;
  const sizes = `${counted(cls.channels, 'class', 'classes')}, ${describeBoxes(reading.finest)}, ${counted(coef.channels, 'coefficient')}`;
  const decided = reading.decidedBy === '' ? '' : `; told apart by ${reading.decidedBy}`;
  const downsamples = reading.levels.map((level) => level.cls.downsample).join('/');
  return `${count} ${layouts.join('+')} heads at ${downsamples} on ${size}: ${sizes}; ${types}${decided}`;
}

function refuseFamily(
  { says, remedy }: Family,
  grids: readonly GridHead[],
  outputs: readonly TensorSpec[],
): ModelContractError {
  const channels = grids.map((grid) => grid.channels).join(', ');
  const row = {
    expected: 'classes, boxes, coefficients of each level, and a mask prototype',
    found: `${grids.length} outputs of ${channels} channels`,
  };
  return refuseHeads(`${says}; ${remedy}`, [row], outputs);
}

function findProto(
  grids: readonly GridHead[],
  hints: RoleHints,
  outputs: readonly TensorSpec[],
  input: SizePx,
): GridHead {
  const fine = grids.filter((grid) => grid.downsample < usualDownsamples[0]);
  const onP2 = fine.filter((grid) => grid.downsample === p2Downsample);
  // A P2 model has three heads here; its prototype lies on a finer grid, or on the very same.
  const finer = fine.filter((grid) => grid.downsample < p2Downsample);
  const isP2 = onP2.length >= 3;
  const candidates = isP2 && finer.length > 0 ? finer : isP2 ? onP2.filter(isUnclaimed(hints)) : fine;
  const finestDownsample = Math.min(...grids.map(({ downsample }) => downsample));
  const proto = onlyOf(
    fine.length > 0 ? candidates : grids.filter((grid) => grid.downsample === finestDownsample),
  );
  if (proto !== undefined) return proto;
  const downsample = protoDownsampleOf(isP2 && finer.length > 0 ? [p2Downsample] : usualDownsamples);
  const expected = `one mask prototype [1, ${input.heightPx / downsample}, ${input.widthPx / downsample}, K]`;
  const level = 'the prototype shares the grid of the finest level (a P2 model)';
  const remedy = 'name the three heads of that level in the manifest (heads)';
  const reason =
    isP2 && finer.length === 0
      ? `${level} and ${onP2.length} outputs lie there: ${remedy}`
      : fine.length > 1
        ? `${fine.length} outputs could be the mask prototype`
        : 'no output is a mask prototype';
  const rows = fine.map((grid) => ({ expected, found: describeOutput(grid.spec) }));
  throw refuseHeads(reason, rows.length > 0 ? rows : [{ expected, found: 'missing' }], outputs);
}

/** True for an output that neither the roles given nor its names call a class, box or coefficient head. */
function isUnclaimed({ roles, aliases }: RoleHints): (grid: GridHead) => boolean {
  return (grid) => roles?.has(grid.spec.name) !== true && claimedRole(grid, aliases) === null;
}

function isLevel(heads: readonly GridHead[]): heads is LevelGrids {
  return heads.length === 3;
}

/** The levels of a model where each has three heads and the prototype twice their finest resolution; null otherwise. */
function evenDownsamples(grids: readonly GridHead[], proto: GridHead): number[] | null {
  const heads = grids.filter((grid) => grid !== proto);
  const downsamples = [...new Set(heads.map(({ downsample }) => downsample))].sort((a, b) => a - b);
  const isEven = downsamples.every(
    (downsample) => heads.filter((head) => head.downsample === downsample).length === 3,
  );
  return isEven && isPyramid(downsamples) && proto.downsample === protoDownsampleOf(downsamples)
    ? downsamples
    : null;
}

/** Coarse levels may be none of the model's, or have been left out of its outputs; heads that are all named leave none open. */
function checkWhole(
  downsamples: readonly number[],
  headCount: number,
  { roles }: RoleHints,
  outputs: readonly TensorSpec[],
): void {
  const coarsest = downsamples.at(-1)!;
  if (coarsest >= usualDownsamples[2] || roles?.size === headCount) return;
  const lacking = usualDownsamples.filter((downsample) => downsample > coarsest);
  const row = {
    expected: `heads at ${[...downsamples, ...lacking].join(', ')}`,
    found: `heads at ${downsamples.join(', ')}`,
  };
  const left = `downsample ${lacking.join(' and ')} left out`;
  const reason = `ambiguous: either a model of ${downsamples.length} levels, or one with the outputs of ${left}; if it has no more, name all its heads in the manifest (heads)`;
  throw refuseHeads(reason, [row], outputs, true);
}

function findLevels(
  grids: readonly GridHead[],
  proto: GridHead,
  outputs: readonly TensorSpec[],
  input: SizePx,
  hints: RoleHints,
): LevelGrids[] {
  const has = (downsample: number) => grids.some((grid) => grid !== proto && grid.downsample === downsample);
  const even = evenDownsamples(grids, proto);
  if (even !== null) checkWhole(even, grids.length - 1, hints, outputs);
  const wanted = even ?? [
    ...(has(p2Downsample) ? [p2Downsample] : []),
    ...usualDownsamples,
    ...(has(p6Downsample) ? [p6Downsample] : []),
  ];
  const found = wanted.map((downsample) => ({
    downsample,
    heads: grids.filter((grid) => grid !== proto && grid.downsample === downsample),
  }));
  const levels: (readonly GridHead[])[] = found.map(({ heads }) => heads);
  const stray = grids.filter((grid) => grid !== proto && !wanted.includes(grid.downsample));
  if (stray.length === 0 && levels.every(isLevel)) return levels;
  const rows: ContractRow[] = found.map(({ downsample, heads }) => {
    const cells = `${input.heightPx / downsample}, ${input.widthPx / downsample}`;
    const names = heads.map((grid) => `${grid.spec.name} (${grid.channels} channels)`).join(', ');
    return {
      expected: `classes, box, coefficients [1, ${cells}, *]`,
      found: names === '' ? 'missing' : names,
    };
  });
  for (const grid of stray) rows.push({ expected: 'nothing more', found: describeOutput(grid.spec) });
  const lacking = found.flatMap(({ downsample, heads }) => (isLevel(heads) ? [] : [downsample]));
  const reason =
    lacking.length > 0
      ? `downsample ${lacking.join(' and ')} ${lacking.length > 1 ? 'have' : 'has'} not exactly three heads`
      : 'there are outputs beyond three heads per level and the prototype';
  throw refuseHeads(reason, rows, outputs);
}

function decideRoles(
  levels: readonly LevelGrids[],
  coefCount: number,
  hints: RoleHints,
  outputs: readonly TensorSpec[],
): RoleReading {
  const { classCount } = hints;
  const finding = readRoles(levels, coefCount, hints);
  if (finding.kind === 'contradicted') throw refuseGiven(finding, hints, outputs);
  if (finding.kind === 'open') throw refuseOpen(finding, levels, coefCount, hints, outputs);
  const { reading } = finding;
  const { finest } = reading;
  const { boxForm } = hints;
  if (boxForm !== undefined && boxForm !== boxFormOf(finest)) {
    throw refuseGiven({ given: 'box form', readings: [finest] }, hints, outputs);
  }
  const found = finest.cls.channels;
  if (classCount === undefined || classCount === found) return reading;
  const row = {
    expected: counted(classCount, 'class', 'classes'),
    found: `${counted(found, 'class', 'classes')} (${finest.cls.spec.name})`,
  };
  throw refuseHeads(`${givenClassCount} is not the model's`, [row], outputs);
}

/** With all by which it may have been given: the number of names is one. */
const givenClassCount =
  'the class count given (class_count or class_names of the manifest, model.class_names, --class-names)';

/** Roles, a class count or a box form that fit no reading. */
function refuseGiven(
  { given, readings }: Pick<Extract<RoleFinding, { kind: 'contradicted' }>, 'given' | 'readings'>,
  { classCount, boxForm, roles }: RoleHints,
  outputs: readonly TensorSpec[],
): ModelContractError {
  const names = [...(roles ?? [])].map(([name, role]) => `${name} as ${role}`).join(', ');
  const expected = {
    roles: names,
    'class count': counted(classCount ?? 0, 'class', 'classes'),
    'box form': `boxes of ${boxForm}`,
  }[given];
  const row = { expected: `${expected} (given)`, found: describeReadings(readings) };
  const what = {
    roles: 'the roles given are',
    'class count': `${givenClassCount} is`,
    'box form': 'the box form given is',
  }[given];
  return refuseHeads(`${what} not the model's`, [row], outputs);
}

function refuseOpen(
  { readings, orderTells }: Extract<RoleFinding, { kind: 'open' }>,
  levels: readonly LevelGrids[],
  coefCount: number,
  { classCount, boxForm }: RoleHints,
  outputs: readonly TensorSpec[],
): ModelContractError {
  if (readings.length === 0) {
    const reason = `no reading of the heads fits: the prototype has ${coefCount} channels, so each level needs ${coefCount} coefficients, 4 box channels (distances) or 4 * R (R DFL bins) and the same class count everywhere`;
    return refuseHeads(reason, levelRows(levels, coefCount), outputs);
  }
  const counts = [...new Set(readings.map(({ cls }) => cls.channels))];
  const forms = [...new Set(readings.map(boxFormOf))];
  const countTells = classCount === undefined && (orderTells || counts.length > 1);
  const remedies = [
    ...(countTells ? [`give the class count (class_count: ${counts.join(' or ')})`] : []),
    ...(boxForm === undefined && forms.length > 1
      ? ['say what the boxes hold (box_form: distances or dfl)']
      : []),
    'name the heads (heads)',
  ];
  const remedy = `${remedies.join(' or ')} in the manifest, or call the outputs by what they are (cls8, box8, coef8)`;
  const found = `${readings.length} readings of the heads fit, ${describeReadings(readings)}`;
  const reason = `ambiguous: ${found}; neither names nor types ${orderTells ? '' : 'nor the order of the outputs '}tell them apart: ${remedy}`;
  return refuseHeads(reason, levelRows(levels, coefCount), outputs, true);
}

function levelRows(levels: readonly LevelGrids[], coefCount: number): ContractRow[] {
  return levels.map((grids) => ({
    expected: `downsample ${grids[0].downsample}: C classes, 4 or 4 * R box, ${coefCount} coefficients`,
    found: grids.map((grid) => `${grid.spec.name} ${grid.channels} ${grid.spec.type}`).join(', '),
  }));
}

function describeBoxes(roles: LevelRoles): string {
  return boxFormOf(roles) === 'distances' ? 'boxes of 4 distances' : `${roles.box.channels / 4} DFL bins`;
}

/** `5 classes (403), 16 DFL bins (379) and coefficients (output0), or ...`. */
function describeReadings(readings: readonly LevelRoles[]): string {
  return readings
    .map((roles) => {
      const { cls, box, coef } = roles;
      const classes = `${counted(cls.channels, 'class', 'classes')} (${cls.spec.name})`;
      return `${classes}, ${describeBoxes(roles)} (${box.spec.name}) and coefficients (${coef.spec.name})`;
    })
    .join(', or ');
}

/** Roles given must be those of heads. */
function checkRoleNames(
  levels: readonly (readonly GridHead[])[],
  roles: RoleHints['roles'],
  outputs: readonly TensorSpec[],
): void {
  const heads = new Set(levels.flat().map(({ spec }) => spec.name));
  const rows = [...(roles ?? [])]
    .filter(([name]) => !heads.has(name))
    .map(([name, role]) => ({ expected: `${name} as ${role} (given)`, found: 'no such head' }));
  if (rows.length > 0) throw refuseHeads("the roles given are not the model's", rows, outputs);
}

/** Roles given must be those that the shapes allow. */
function checkRoles(reading: RoleReading, roles: RoleHints['roles'], outputs: readonly TensorSpec[]): void {
  const found = new Map(
    reading.levels.flatMap((level) =>
      (Object.keys(level) as (keyof typeof level)[]).map((role) => [level[role].spec.name, role] as const),
    ),
  );
  const rows = [...(roles ?? [])]
    .filter(([name, role]) => found.get(name) !== role)
    .map(([name, role]) => ({
      expected: `${name} as ${role} (given)`,
      found: `${name} as ${found.get(name)}`,
    }));
  if (rows.length > 0) throw refuseHeads("the roles given are not the model's", rows, outputs);
}

function checkChannelAxes(grids: readonly GridHead[], outputs: readonly TensorSpec[]): void {
  const rows = grids
    .filter((grid) => !quantisedAlong(grid.spec, grid.channelAxis))
    .map((grid) => ({
      expected: `scales per tensor or along axis ${grid.channelAxis}`,
      found: describeOutput(grid.spec),
    }));
  if (rows.length > 0) throw refuseHeads('scales do not run along the channels', rows, outputs);
}
