import { ModelContractError } from '../core/errors.js';
import type { TensorView } from '../core/tensor.js';
import type { GridHead } from '../model/headLayout.js';
import { type ResolvedHeads, withClassScores } from '../model/heads.js';
import type { ClassScores, SplitHeads } from '../model/splitHeads.js';
import type { StockHeads } from '../model/stockHeads.js';
import { channelScales } from './dequantise.js';

/** What is known of class heads beside their values. */
export interface ScoreEvidence {
  /** By the operator that makes them; null where there is no graph, or another operator. */
  readonly made: ClassScores | null;
  /** By the user. */
  readonly stated: ClassScores | undefined;
}

/** Share of the cells that an empty picture must leave below an even chance. */
const leastQuietShare = 0.01;

/** Rounding of quantised probabilities. */
const slack = 0.01;

/** Values over one or more tensors, and cells whose best class has an even chance or more if they are logits. */
interface Survey {
  least: number;
  greatest: number;
  cells: number;
  loudCells: number;
}

/**
 * The heads with what their class tensors hold, logits or probabilities. Where neither operator nor user tells, the
 * outputs for an empty grey picture do: logits of a model are far below 0 there, for hardly any cell shows an object.
 *
 * Throws ModelContractError `class_scores` where evidence contradicts itself or the values fit neither reading.
 */
export function settleClassScores(
  heads: ResolvedHeads,
  { made, stated }: ScoreEvidence,
  onGrey: readonly TensorView[],
): ResolvedHeads {
  if (heads.kind === 'stock') {
    checkProbabilities(surveyRows(heads, onGrey), `the class rows of ${heads.rows.spec.name}`);
    return heads;
  }
  const names = `the class heads (${heads.levels.map(({ cls }) => cls.spec.name).join(', ')})`;
  if (made !== null && stated !== undefined && made !== stated) {
    throw refuse(`${names} are made by the graph as ${made}; the manifest says class_scores: ${stated}`);
  }
  const settled = made ?? stated ?? 'logits';
  const survey = surveyHeads(heads, onGrey);
  if (settled === 'probabilities') checkProbabilities(survey, names);
  else if (made === null && stated === undefined) checkLogits(survey, names);
  return withClassScores(heads, settled);
}

function checkProbabilities(survey: Survey, what: string): void {
  if (survey.least >= -slack && survey.greatest <= 1 + slack) return;
  throw refuse(`${what} hold ${rangeOf(survey)} on a grey picture; expected probabilities of 0 to 1`);
}

function checkLogits(survey: Survey, what: string): void {
  const { cells, loudCells, least, greatest } = survey;
  if (loudCells < cells * (1 - leastQuietShare)) return;
  const found = `${what} hold ${rangeOf(survey)} on an empty grey picture`;
  const asLogits = `read as logits, ${loudCells} of ${cells} cells show an object with a probability of 0.5 or more`;
  const isLikeProbabilities = least >= -slack && greatest <= 1 + slack;
  throw refuse(
    isLikeProbabilities
      ? `${found}: ${asLogits}; they may be probabilities already (a Sigmoid in the export). If they are, write "class_scores: probabilities" into NAME.yaml beside the model; if not, "class_scores: logits"; or export without the Sigmoid`
      : `${found}: ${asLogits}. These are no class logits: check which head is which (heads in NAME.yaml beside the model), and the conversion`,
  );
}

const rangeOf = ({ least, greatest }: Survey) => `values of ${round(least)} to ${round(greatest)}`;
const round = (value: number) => Number(value.toPrecision(3));

function refuse(why: string): ModelContractError {
  return new ModelContractError('class_scores', why);
}

function surveyHeads({ levels }: SplitHeads, tensors: readonly TensorView[]): Survey {
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
  const { scales, zeroPoints } = channelScales(rows.spec, 4 + classCount + coefCount);
  for (let cell = 0; cell < cellCount; cell++) {
    let best = Number.NEGATIVE_INFINITY;
    for (let feature = 4; feature < 4 + classCount; feature++) {
      const stored = data[cell * rows.cellElems + feature * rows.featureElems]!;
      const value = (stored - zeroPoints[feature]!) * scales[feature]!;
      if (value < survey.least) survey.least = value;
      if (value > best) best = value;
    }
    addCell(survey, best);
  }
  return survey;
}

function emptySurvey(): Survey {
  return { least: Number.POSITIVE_INFINITY, greatest: Number.NEGATIVE_INFINITY, cells: 0, loudCells: 0 };
}

function addCell(survey: Survey, best: number): void {
  survey.cells++;
  if (best > survey.greatest) survey.greatest = best;
  if (best >= 0) survey.loudCells++;
}
