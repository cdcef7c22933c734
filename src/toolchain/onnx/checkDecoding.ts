import { ModelContractError } from '../../core/errors.js';
import { packedSpec, type TensorView } from '../../core/tensor.js';
import { resolveHeads } from '../../model/heads.js';
import type { StockHeads } from '../../model/stockHeads.js';
import { makeCellScores } from '../../postprocess/gridScan.js';
import { RawSource } from '../../postprocess/rawSource.js';
import { StockSource } from '../../postprocess/stockSource.js';
import { type NamedHead, noise } from './headNames.js';
import type { FloatTensor, LoadedPart } from '../../backends/onnx/graph/runtime.js';

/** Largest difference in pixels, probability or coefficient units; the rest is rounding of 32-bit floats. */
const tolerance = 1e-3;

/** How the export's rows give a box: centre and size, or the corners, as end-to-end exports do. */
export type RowBoxes = 'centre' | 'corners';

/** Makes x1, y1, x2, y2 of a box whose corners were read as centre and size. */
function takeForCorners(box: Float64Array): void {
  const [left, top, right, bottom] = box as unknown as [number, number, number, number];
  box[0] = (left + right) / 2;
  box[1] = (top + bottom) / 2;
  box[2] = right - left;
  box[3] = bottom - top;
}

function view(name: string, { dims, data }: FloatTensor): TensorView {
  return { spec: packedSpec(name, dims), data };
}

/**
 * Makes sure that this package decodes the heads to what the export itself decodes them to, cell by cell, on
 * made-up head values. Returns the largest difference in boxes (pixels), probabilities and coefficients.
 *
 * Throws ModelContractError `decoding` if they differ by more than 1e-3.
 */
export async function checkDecoding(
  tail: LoadedPart,
  heads: readonly NamedHead[],
  stock: StockHeads,
  rowBoxes: RowBoxes,
): Promise<number> {
  const feeds = new Map(heads.map((head, position) => [head.name, noise(head, 100 + position)]));
  const rows = await tail.run(feeds);
  const stockViews: TensorView[] = [];
  stockViews[stock.rows.outputIndex] = view('rows', rows);
  const proto = { spec: stock.proto.spec, data: new Float32Array(0) };
  const rawViews = [
    ...heads.map((head) => view(`${head.role}${head.downsample}`, feeds.get(head.name)!)),
    proto,
  ];
  const raw = resolveHeads(
    rawViews.map(({ spec }) => spec),
    { widthPx: stock.inputWidthPx, heightPx: stock.inputHeightPx },
    {
      classCount: stock.classCount,
      roles: new Map(heads.map(({ role, downsample }) => [`${role}${downsample}`, role] as const)),
    },
  );
  if (raw.kind !== 'raw') throw new Error('heads resolved as a stock export');
  const ours = new RawSource(raw);
  const theirs = new StockSource(stock);
  ours.bind(rawViews);
  theirs.bind(stockViews);
  return compare(ours, theirs, stock, rowBoxes);
}

/** Every cell is listed: logits of the made-up heads lie in -2..2, probabilities above 0.1. */
const everyCell = 0.01;

function compare(
  ours: RawSource,
  theirs: StockSource,
  { cellCount, coefCount }: StockHeads,
  rowBoxes: RowBoxes,
): number {
  const read = (source: RawSource | StockSource) => {
    const cellScores = makeCellScores(cellCount);
    const count = source.scan(everyCell, cellScores);
    const byCell = new Map<number, { classId: number; scoreProb: number }>();
    for (let at = 0; at < count; at++) {
      const cell = cellScores.cells[at]!;
      byCell.set(cell, {
        classId: cellScores.classId[cell]!,
        scoreProb: source.probOf(cellScores.score[cell]!),
      });
    }
    return byCell;
  };
  const [a, b] = [read(ours), read(theirs)];
  const boxes = [new Float64Array(4), new Float64Array(4)] as const;
  const coefs = [new Float64Array(coefCount), new Float64Array(coefCount)] as const;
  let worst = 0;
  for (let cell = 0; cell < cellCount; cell++) {
    const [mine, its] = [a.get(cell), b.get(cell)];
    if (mine === undefined || its === undefined || mine.classId !== its.classId) {
      throw differs(cell, `class ${mine?.classId}, the export ${its?.classId}`);
    }
    ours.readBox(cell, boxes[0]);
    theirs.readBox(cell, boxes[1]);
    if (rowBoxes === 'corners') takeForCorners(boxes[1]);
    ours.readCoefs(cell, coefs[0]);
    theirs.readCoefs(cell, coefs[1]);
    const pairs = [
      ['score', [mine.scoreProb], [its.scoreProb]],
      ['box', boxes[0], boxes[1]],
      ['coefficients', coefs[0], coefs[1]],
    ] as const;
    for (const [what, left, right] of pairs) {
      for (let at = 0; at < left.length; at++) {
        const difference = Math.abs(left[at]! - right[at]!);
        if (!(difference <= tolerance)) {
          throw differs(cell, `${what} ${left[at]}, the export ${right[at]} (value ${at})`);
        }
        worst = Math.max(worst, difference);
      }
    }
  }
  return worst;
}

function differs(cell: number, what: string): ModelContractError {
  return new ModelContractError(
    'decoding',
    `the export decodes its heads in a way this package does not know: cell ${cell} of made-up heads gives ${what}; expected agreement within ${tolerance}`,
    { cell, tolerance },
  );
}
