import type { TensorSpec } from '../core/tensor.js';
import { type ContractRow, describeOutput, refuseHeads } from './contract.js';
import { type GridHead, readGrids } from './headLayout.js';
import { type NamedRoles, type RoleHints, type RoleReading, readRoles } from './headRoles.js';
import { quantisedAlong } from './tensorCheck.js';

/** One scale of the pyramid. */
export interface HeadLevel {
  readonly downsample: number;
  readonly heightCells: number;
  readonly widthCells: number;
  /** Number of the level's first cell; cells count through all levels, finest level first, row by row. */
  readonly firstCell: number;
  /** [1, H, W, C] class logits. */
  readonly cls: GridHead;
  /** [1, H, W, 4 * R] DFL logits: left, top, right, bottom. */
  readonly box: GridHead;
  /** [1, H, W, K] mask coefficients. */
  readonly coef: GridHead;
}

/** Raw heads per level, as the RDK model exports have them. */
export interface SplitHeads {
  readonly kind: 'split';
  readonly inputWidthPx: number;
  readonly inputHeightPx: number;
  readonly classCount: number;
  readonly coefCount: number;
  /** DFL bins per side. */
  readonly regMax: number;
  readonly cellCount: number;
  readonly levels: readonly HeadLevel[];
  /** [1, H, W, K] mask prototypes. */
  readonly proto: GridHead;
  /** One line for logs. */
  readonly form: string;
}

interface InputSize {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** The pyramid of every YOLOv8 segmentation model; a fourth level at 64 is allowed (P6 models). */
const downsamples = [8, 16, 32];

/** Resolves raw heads, in any order; throws ModelContractError `heads`. */
export function resolveSplitHeads(
  outputs: readonly TensorSpec[],
  input: InputSize,
  classCount: number | undefined,
  roles: NamedRoles | undefined = undefined,
): SplitHeads {
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
  const proto = findProto(grids, outputs, input);
  const levels = findLevels(grids, proto, outputs, input);
  const reading = decideRoles(levels, proto.channels, { classCount, roles }, outputs);
  checkRoles(reading, roles, outputs);
  checkChannelAxes([...reading.levels.flatMap((level) => Object.values(level)), proto], outputs);
  let cellCount = 0;
  const headLevels = reading.levels.map(({ cls, box, coef }): HeadLevel => {
    const { downsample, heightCells, widthCells } = cls;
    const level = { downsample, heightCells, widthCells, firstCell: cellCount, cls, box, coef };
    cellCount += heightCells * widthCells;
    return level;
  });
  const { cls, box } = headLevels[0];
  return {
    kind: 'split',
    inputWidthPx: input.widthPx,
    inputHeightPx: input.heightPx,
    classCount: cls.channels,
    coefCount: proto.channels,
    regMax: box.channels / 4,
    cellCount,
    levels: headLevels,
    proto,
    form: describeForm(reading, proto, size),
  };
}

function describeForm(reading: RoleReading, proto: GridHead, size: string): string {
  const { cls, box, coef } = reading.levels[0];
  const layout = (grid: GridHead) => (grid.channelAxis === 3 ? 'NHWC' : 'NCHW');
  const layouts = [
    ...new Set([...reading.levels.flatMap((level) => Object.values(level)), proto].map(layout)),
  ];
  const count = reading.levels.length * 3 + 1;
  const types = `cls ${cls.spec.type}, box ${box.spec.type}, coef ${coef.spec.type}, proto ${proto.spec.type}`;
  const sizes = `${cls.channels} classes, ${box.channels / 4} DFL bins, ${coef.channels} coefficients`;
  const decided = reading.decidedBy === '' ? '' : `; told apart by ${reading.decidedBy}`;
  const steps = reading.levels.map((level) => level.cls.downsample).join('/');
  return `${count} ${layouts.join('+')} heads at ${steps} on ${size}: ${sizes}; ${types}${decided}`;
}

function findProto(grids: readonly GridHead[], outputs: readonly TensorSpec[], input: InputSize): GridHead {
  const fine = grids.filter((grid) => grid.downsample < downsamples[0]);
  if (fine.length === 1) return fine[0];
  const expected = `one mask prototype [1, ${input.heightPx / 4}, ${input.widthPx / 4}, K]`;
  const reason =
    fine.length > 1
      ? `${fine.length} outputs could be the mask prototype`
      : `no output is a mask prototype${guessTask(grids)}`;
  const rows = fine.map((grid) => ({ expected, found: describeOutput(grid.spec) }));
  throw refuseHeads(reason, rows.length > 0 ? rows : [{ expected, found: 'missing' }], outputs);
}

/** What heads without a prototype most likely are; empty if nothing known fits. */
function guessTask(grids: readonly GridHead[]): string {
  const perLevel = downsamples.map(
    (downsample) => grids.filter((grid) => grid.downsample === downsample).length,
  );
  if (grids.length === 6 && perLevel.every((count) => count === 2)) {
    return ': six heads are a detection model, not a segmentation model';
  }
  if (grids.length === 9 && perLevel.every((count) => count === 3)) {
    return ': nine heads alone are a pose or oriented box model, not a segmentation model';
  }
  return '';
}

function findLevels(
  grids: readonly GridHead[],
  proto: GridHead,
  outputs: readonly TensorSpec[],
  input: InputSize,
): GridHead[][] {
  const wanted = grids.some((grid) => grid.downsample === 64) ? [...downsamples, 64] : downsamples;
  const levels = wanted.map((downsample) => grids.filter((grid) => grid.downsample === downsample));
  const stray = grids.filter((grid) => grid !== proto && !wanted.includes(grid.downsample));
  if (stray.length === 0 && levels.every((level) => level.length === 3)) return levels;
  const rows: ContractRow[] = levels.map((level, index) => {
    const cells = `${input.heightPx / wanted[index]}, ${input.widthPx / wanted[index]}`;
    const found = level.map((grid) => `${grid.spec.name} (${grid.channels} channels)`).join(', ');
    return {
      expected: `classes, box, coefficients [1, ${cells}, *]`,
      found: found === '' ? 'missing' : found,
    };
  });
  for (const grid of stray) rows.push({ expected: 'nothing more', found: describeOutput(grid.spec) });
  const lacking = levels.flatMap((level, index) => (level.length === 3 ? [] : [wanted[index]]));
  const reason =
    lacking.length > 0
      ? `downsample ${lacking.join(' and ')} ${lacking.length > 1 ? 'have' : 'has'} not exactly three heads`
      : 'there are outputs beyond three heads per level and the prototype';
  throw refuseHeads(reason, rows, outputs);
}

function decideRoles(
  levels: readonly (readonly GridHead[])[],
  coefCount: number,
  hints: RoleHints,
  outputs: readonly TensorSpec[],
): RoleReading {
  const { classCount } = hints;
  const { perLevel, reading } = readRoles(levels, coefCount, hints);
  if (reading !== null) {
    const found = reading.levels[0].cls.channels;
    if (classCount === undefined || classCount === found) return reading;
    const row = {
      expected: `${classCount} classes`,
      found: `${found} classes (${reading.levels[0].cls.spec.name})`,
    };
    throw refuseHeads("the class count given is not the model's", [row], outputs);
  }
  const unreadable = perLevel.every((readings) => readings.length === 0);
  const rows = levels.map((grids) => ({
    expected: `downsample ${grids[0].downsample}: C classes, 4 * R box, ${coefCount} coefficients`,
    found: grids.map((grid) => `${grid.spec.name} ${grid.channels} ${grid.spec.type}`).join(', '),
  }));
  const reason = unreadable
    ? `no reading of the heads fits: the prototype has ${coefCount} channels, so each level needs ${coefCount} coefficients, 4 * R box channels (R of 2 or more) and the same class count everywhere`
    : `ambiguous: ${Math.max(...perLevel.map((readings) => readings.length))} readings of the heads fit, and neither names nor types tell them apart; give the class count or name the outputs`;
  throw refuseHeads(reason, rows, outputs, !unreadable);
}

/** Roles given must be those that the shapes allow. */
function checkRoles(
  reading: RoleReading,
  roles: NamedRoles | undefined,
  outputs: readonly TensorSpec[],
): void {
  if (roles === undefined) return;
  const found = new Map(
    reading.levels.flatMap((level) =>
      (Object.keys(level) as (keyof typeof level)[]).map((role) => [level[role].spec.name, role] as const),
    ),
  );
  const rows = [...roles]
    .filter(([name, role]) => found.get(name) !== role)
    .map(([name, role]) => ({
      expected: `${name} as ${role} (given)`,
      found: found.has(name) ? `${name} as ${found.get(name)}` : 'no such head',
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
