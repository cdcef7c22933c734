import { BackendError, ModelContractError } from '../core/errors.js';
import type { LetterboxGeometry } from '../core/geometry.js';
import type { Instances, PostprocessOptions } from '../core/result.js';
import { describeTensor, elementBytes, tensorArrays, type TensorView } from '../core/tensor.js';
import type { ResolvedHeads } from '../model/heads.js';
import { spannedBytes } from '../model/tensorCheck.js';
import { writeBoxImage } from './boxImage.js';
import type { CandidateSource } from './candidateSource.js';
import { ContourTracer } from './contourTracer.js';
import { ContourWriter } from './contourWriter.js';
import { makeCellScores, type CellScores } from './gridScan.js';
import { MaskTracer } from './maskTracer.js';
import { NonMaxSuppression } from './nms.js';
import { ResultSource } from './resultSource.js';
import { SpanWriter } from './spanWriter.js';
import { RawSource } from './rawSource.js';
import { StockSource } from './stockSource.js';
import { maxCells, TopCandidates } from './topCandidates.js';

/** What one run found. */
export interface PostprocessResult {
  /** In fresh memory: the arrays may be transferred. */
  readonly instances: Instances;
  /** Cells above the score threshold whose class is allowed, before NMS. */
  readonly candidateCount: number;
  /** How many of them, the lowest scores, the top-k bound left out. */
  readonly candidatesCut: number;
  readonly decodeMs: number;
  readonly masksMs: number;
}

/** Bounds fixed when the scratch memory is made. */
export interface PostprocessLimits {
  /** Most candidates that are decoded; the best ones are taken. */
  readonly maxCandidates: number;
}

/**
 * A crowd of 300 objects brings some 2000 candidates; at the bound decoding and NMS stay within a few ms.
 *
 * @internal Exported for tests.
 */
export const defaultLimits: PostprocessLimits = { maxCandidates: 2048 };

function sourceOf(heads: ResolvedHeads): CandidateSource {
  if (heads.kind === 'raw') return new RawSource(heads);
  return heads.kind === 'stock' ? new StockSource(heads) : new ResultSource(heads);
}

/**
 * Turns the output tensors of one model into instances with boxes and masks in source pixels.
 *
 * Made once per model; all scratch memory is made here, so one Postprocessor serves one frame at a time.
 */
export class Postprocessor {
  readonly heads: ResolvedHeads;
  readonly #source: CandidateSource;
  readonly #cellScores: CellScores;
  readonly #top: TopCandidates;
  readonly #kept: NonMaxSuppression;
  readonly #maxCandidates: number;
  readonly #allowed: Uint8Array;
  readonly #tracer: MaskTracer;
  readonly #spans = new SpanWriter();
  readonly #contourTracer: ContourTracer;
  readonly #contours = new ContourWriter();
  readonly #boxModel = new Float64Array(4);
  readonly #coefs: Float64Array;
  readonly #keptCells: Uint32Array;
  readonly #boxesImage: Float32Array;

  /** Throws ModelContractError `too_many_cells` beyond 2^21 cells. */
  constructor(heads: ResolvedHeads, limits: PostprocessLimits = defaultLimits) {
    if (heads.cellCount > maxCells || heads.classCount > 0xffff) {
      throw new ModelContractError(
        'too_many_cells',
        `${heads.cellCount} cells and ${heads.classCount} classes; at most ${maxCells} and 65535 are supported`,
        { cellCount: heads.cellCount, classCount: heads.classCount },
      );
    }
    this.heads = heads;
    this.#maxCandidates = Math.max(1, Math.min(limits.maxCandidates, heads.cellCount));
    this.#source = sourceOf(heads);
    this.#cellScores = makeCellScores(heads.cellCount);
    this.#top = new TopCandidates(heads.cellCount, this.#maxCandidates);
    this.#kept = new NonMaxSuppression(this.#maxCandidates);
    this.#allowed = new Uint8Array(heads.classCount);
    this.#tracer = new MaskTracer(heads.proto);
    this.#contourTracer = new ContourTracer(heads.proto);
    this.#coefs = new Float64Array(heads.coefCount);
    this.#keptCells = new Uint32Array(this.#maxCandidates);
    this.#boxesImage = new Float32Array(this.#maxCandidates * 4);
  }

  /**
   * Reads the tensors in place; they are the model's outputs in the model's order and are not kept.
   *
   * Throws BackendError `outputs` if a tensor is missing, too short or of another type than announced.
   */
  run(
    tensors: readonly TensorView[],
    geometry: LetterboxGeometry,
    options: PostprocessOptions,
  ): PostprocessResult {
    const startMs = performance.now();
    this.#checkTensors(tensors);
    this.#source.bind(tensors);
    const scanned = this.#source.scan(options.scoreThreshold, this.#cellScores);
    const candidateCount = this.#filterClasses(scanned, options.classes);
    const rankedCount = this.#top.rank(this.#cellScores, candidateCount);
    const keptCount = this.#suppress(rankedCount, geometry, options);
    const decodedMs = performance.now();
    const instances = this.#buildInstances(keptCount, tensors, geometry, options.contourTolerancePx);
    this.#source.bind([]);
    return {
      instances,
      candidateCount,
      candidatesCut: candidateCount - rankedCount,
      decodeMs: decodedMs - startMs,
      masksMs: performance.now() - decodedMs,
    };
  }

  #checkTensors(tensors: readonly TensorView[]): void {
    const heads = this.heads;
    if (heads.kind !== 'raw') {
      this.#checkTensor(tensors, heads.rows);
    } else {
      for (const level of heads.levels) {
        this.#checkTensor(tensors, level.cls);
        this.#checkTensor(tensors, level.box);
        this.#checkTensor(tensors, level.coef);
      }
    }
    this.#checkTensor(tensors, heads.proto);
  }

  #checkTensor(
    tensors: readonly TensorView[],
    head: { readonly outputIndex: number; readonly spec: TensorView['spec'] },
  ): void {
    const spec = head.spec;
    const data = tensors[head.outputIndex]?.data;
    const neededBytes = spannedBytes(spec);
    if (data instanceof tensorArrays[spec.type] && data.byteLength >= neededBytes) return;
    const foundBytes = data?.byteLength ?? 0;
    const found = data === undefined ? 'nothing' : `${data.constructor.name} of ${foundBytes} bytes`;
    throw new BackendError(
      'outputs',
      `output ${head.outputIndex}: expected ${describeTensor(spec)} in at least ${neededBytes} bytes, found ${found}`,
      { outputIndex: head.outputIndex, neededBytes, foundBytes, elementBytes: elementBytes[spec.type] },
    );
  }

  /** Drops listed cells whose best class is not wanted; returns how many are left. */
  #filterClasses(count: number, classes: readonly number[] | null): number {
    if (classes === null) return count;
    this.#allowed.fill(0);
    for (const classId of classes) this.#allowed[classId] = 1;
    const { cells, classId } = this.#cellScores;
    let left = 0;
    for (let index = 0; index < count; index++) {
      if (this.#allowed[classId[cells[index]]] === 1) cells[left++] = cells[index];
    }
    return left;
  }

  /**
   * Best first: reads each box only when its turn comes and stops at `maxDetections`. Without NMS every box above the
   * score threshold is kept.
   */
  #suppress(count: number, geometry: LetterboxGeometry, options: PostprocessOptions): number {
    const boxModel = this.#boxModel;
    const { iouThreshold, maxDetections, classAgnosticNms } = options;
    const suppresses = options.nms === 'on' || (options.nms === 'auto' && this.heads.oneToOneBy === null);
    this.#kept.clear();
    let kept = 0;
    for (let rank = 0; rank < count && kept < maxDetections; rank++) {
      const cell = this.#top.cellAt(rank);
      this.#source.readBox(cell, boxModel);
      if (!this.#writeBoxImage(geometry, kept * 4)) continue;
      if (suppresses) {
        const classId = classAgnosticNms ? 0 : this.#cellScores.classId[cell];
        if (this.#kept.isSuppressed(boxModel, classId, iouThreshold)) continue;
        this.#kept.keep(boxModel, classId);
      }
      this.#keptCells[kept++] = cell;
    }
    return kept;
  }

  /** False if there is no box to report: not finite, or wholly outside of the picture (in the letterbox border). */
  #writeBoxImage(geometry: LetterboxGeometry, at: number): boolean {
    const box = this.#boxModel;
    const boxes = this.#boxesImage;
    writeBoxImage(box, geometry, boxes, at);
    const extentPx = box[2] - box[0] + (box[3] - box[1]);
    return boxes[at + 2] > boxes[at] && boxes[at + 3] > boxes[at + 1] && Number.isFinite(extentPx);
  }

  #buildInstances(
    count: number,
    tensors: readonly TensorView[],
    geometry: LetterboxGeometry,
    contourTolerancePx: number | null,
  ): Instances {
    const boxesImage = this.#boxesImage.slice(0, count * 4);
    const scores = new Float32Array(count);
    const classIds = new Uint16Array(count);
    const spanStarts = new Uint32Array(count + 1);
    const contourStarts = contourTolerancePx === null ? null : new Uint32Array(count + 1);
    const proto = tensors[this.heads.proto.outputIndex].data;
    this.#spans.clear();
    this.#contours.begin(contourTolerancePx ?? 0);
    for (let index = 0; index < count; index++) {
      const cell = this.#keptCells[index];
      scores[index] = this.#source.probOf(this.#cellScores.score[cell]);
      classIds[index] = this.#cellScores.classId[cell];
      this.#source.readCoefs(cell, this.#coefs);
      const boxAt = index * 4;
      const hasPixels = this.#tracer.trace(proto, this.#coefs, boxesImage, boxAt, geometry, this.#spans);
      spanStarts[index + 1] = this.#spans.count;
      if (contourStarts === null) continue;
      if (hasPixels)
        this.#contourTracer.trace(this.#tracer.field, boxesImage, boxAt, geometry, this.#contours);
      contourStarts[index + 1] = this.#contours.ringCount;
    }
    const contours = contourStarts === null ? null : this.#contours.copyContours(contourStarts);
    return { count, boxesImage, scores, classIds, spans: this.#spans.copySpans(), spanStarts, contours };
  }
}
