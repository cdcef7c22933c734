import { ModelContractError } from '../core/errors.js';
import type { TensorView } from '../core/tensor.js';
import type { GridHead } from '../model/headLayout.js';
import { type ResolvedHeads, withClassScores } from '../model/heads.js';
import type { ResultHeads } from '../model/resultHeads.js';
import type { ClassScores, RawHeads } from '../model/rawHeads.js';
import { decodedRowOf, resultRow } from '../model/rowLayout.js';
import type { StockHeads } from '../model/stockHeads.js';
import { channelScales } from './dequantise.js';
import { RowReader } from './rowReader.js';

/** What is known of class heads beside their values. */
export interface ScoreEvidence {
  /** A Sigmoid makes them. No operator proves logits: probabilities may pass through any. */
  readonly bySigmoid: boolean;
  /** By the user. */
  readonly stated: ClassScores | undefined;
}

/** Share of the cells that may show an object on an empty picture; of a trained model hardly any does. */
const greatestLoudShare = 0.5;

/** Rounding of quantised probabilities. */
const slack = 0.01;

/** Values over one or more tensors, and cells whose best class has an even chance or more. */
interface Survey {
  least: number;
  greatest: number;
  hasNaN: boolean;
  cells: number;
  /** Read as logits. */
  loudLogits: number;
  /** Read as probabilities. */
  loudProbs: number;
}

/**
 * The heads with what their class tensors hold, logits or probabilities. Where neither a Sigmoid nor the user tells they
 * are taken for logits, and the outputs for an empty grey picture must bear that out: logits of a model are far below 0
 * there, for hardly any cell shows an object.
 *
 * Throws ModelContractError `class_scores` where evidence contradicts itself or the values do not fit the reading.
 */
export function settleClassScores(
  heads: ResolvedHeads,
  { bySigmoid, stated }: ScoreEvidence,
  onGrey: readonly TensorView[],
): ResolvedHeads {
  if (heads.kind === 'stock') {
    checkProbabilities(
      surveyRows(heads, onGrey),
      `the class rows of ${heads.rows.spec.name}`,
      'check the export (a Sigmoid too many)',
    );
    return heads;
  }
  if (heads.kind === 'results') {
    checkResults(heads, onGrey);
    return heads;
  }
  const names = `the class heads (${heads.levels.map(({ cls }) => cls.spec.name).join(', ')})`;
  if (bySigmoid && stated === 'logits') {
    throw refuse(`${names} are made by a Sigmoid, as probabilities; the manifest says class_scores: logits`);
  }
  const settled = bySigmoid ? 'probabilities' : (stated ?? 'logits');
  const survey = surveyHeads(heads, onGrey);
  if (settled === 'probabilities') checkProbabilities(survey, names);
  else if (stated === undefined) checkLogits(survey, names);
  return withClassScores(heads, settled);
}

/** The score column must hold probabilities, the class column ids of classes that there are. */
function checkResults({ rows, classCount, cellCount }: ResultHeads, tensors: readonly TensorView[]): void {
  const reader = new RowReader(rows, rows.spec.dims[2]!);
  reader.bind(tensors);
  const survey = emptySurvey();
  for (let row = 0; row < cellCount; row++) {
    const [prob, id] = [reader.valueAt(row, resultRow.prob), reader.valueAt(row, resultRow.classId)];
    if (prob < survey.least) survey.least = prob;
    if (Number.isNaN(prob)) survey.hasNaN = true;
    addCell(survey, prob);
    if (Number.isInteger(id) && id >= 0 && id < classCount) continue;
    const what = `the class column of ${rows.spec.name} holds ${id} in row ${row} on an empty grey picture`;
    throw refuse(
      `${what}; expected class ids of 0 to ${classCount - 1}: check the class names or class_count`,
    );
  }
  checkProbabilities(survey, `the scores of ${rows.spec.name}`, 'check the export');
}

function checkProbabilities(survey: Survey, what: string, remedy = headRemedy): void {
  checkNumbers(survey, what);
  const found = `${what} hold ${rangeOf(survey)} on an empty grey picture`;
  if (!isInUnitRange(survey)) throw refuse(`${found}; expected probabilities of 0 to 1`);
  if (!isLoud(survey.loudProbs, survey)) return;
  const asProbs = `read as probabilities, ${shareOf(survey.loudProbs, survey)}`;
  throw refuse(`${found}: ${asProbs}. These are no class probabilities: ${remedy}`);
}

function checkLogits(survey: Survey, what: string): void {
  checkNumbers(survey, what);
  if (!isLoud(survey.loudLogits, survey)) return;
  const found = `${what} hold ${rangeOf(survey)} on an empty grey picture`;
  const asLogits = `read as logits, ${shareOf(survey.loudLogits, survey)}`;
  throw refuse(
    isInUnitRange(survey) && !isLoud(survey.loudProbs, survey)
      ? `${found}: ${asLogits}; they may be probabilities already (a Sigmoid in the export). If they are, write "class_scores: probabilities" into NAME.yaml beside the model; if not, "class_scores: logits"; or export without the Sigmoid`
      : `${found}: ${asLogits}. These are no class logits: ${headRemedy}. Of a model that is not trained "class_scores: logits" there takes them as they are`,
  );
}

const headRemedy =
  'check the export (a Sigmoid too many), its conversion, and which head is which (heads in NAME.yaml beside the model)';

function checkNumbers({ hasNaN }: Survey, what: string): void {
  if (hasNaN) throw refuse(`${what} hold values that are no numbers (NaN) on an empty grey picture`);
}

const isInUnitRange = ({ least, greatest }: Survey) => least >= -slack && greatest <= 1 + slack;
const isLoud = (loudCells: number, { cells }: Survey) => loudCells > cells * greatestLoudShare;
const shareOf = (loudCells: number, { cells }: Survey) =>
  `${loudCells} of ${cells} cells show an object with a probability of 0.5 or more`;
const rangeOf = ({ least, greatest }: Survey) => `values of ${round(least)} to ${round(greatest)}`;
const round = (value: number) => Number(value.toPrecision(3));

function refuse(why: string): ModelContractError {
  return new ModelContractError('class_scores', why);
}

function surveyHeads({ levels }: RawHeads, tensors: readonly TensorView[]): Survey {
  const survey = emptySurvey();
  for (const { cls } of levels) surveyGrid(cls, tensors[cls.outputIndex]!, survey);
  return survey;
}

function surveyGrid(grid: GridHead, { data }: TensorView, survey: Survey): void {
  const { spec, heightCells, widthCells, channels, rowElems, cellElems, channelElems } = grid;
  const { scales, zeroPoints } = channelScales(spec, channels);
  for (let y = 0; y < heightCells; y++) {
    for (let x = 0; x < widthCells; x++) {
      const at = y * rowElems + x * cellElems;
      let best = Number.NEGATIVE_INFINITY;
      for (let channel = 0; channel < channels; channel++) {
        const value = (data[at + channel * channelElems]! - zeroPoints[channel]!) * scales[channel]!;
        if (value < survey.least) survey.least = value;
        if (value > best) best = value;
        if (Number.isNaN(value)) survey.hasNaN = true;
      }
      addCell(survey, best);
    }
  }
}

function surveyRows(
  { rows, classCount, coefCount, cellCount }: StockHeads,
  tensors: readonly TensorView[],
): Survey {
  const survey = emptySurvey();
  const { data } = tensors[rows.outputIndex]!;
  const { firstClass, firstCoef, valueCount } = decodedRowOf(classCount, coefCount);
  const { scales, zeroPoints } = channelScales(rows.spec, valueCount);
  for (let cell = 0; cell < cellCount; cell++) {
    let best = Number.NEGATIVE_INFINITY;
    for (let feature = firstClass; feature < firstCoef; feature++) {
      const stored = data[cell * rows.cellElems + feature * rows.featureElems]!;
      const value = (stored - zeroPoints[feature]!) * scales[feature]!;
      if (value < survey.least) survey.least = value;
      if (value > best) best = value;
      if (Number.isNaN(value)) survey.hasNaN = true;
    }
    addCell(survey, best);
  }
  return survey;
}

function emptySurvey(): Survey {
  const [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  return { least, greatest, hasNaN: false, cells: 0, loudLogits: 0, loudProbs: 0 };
}

function addCell(survey: Survey, best: number): void {
  survey.cells++;
  if (best > survey.greatest) survey.greatest = best;
  if (best >= 0) survey.loudLogits++;
  if (best >= 0.5) survey.loudProbs++;
}
