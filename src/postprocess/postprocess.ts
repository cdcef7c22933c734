import { BackendError, ModelContractError } from '../core/errors.js';
import type { LetterboxGeometry } from '../core/geometry.js';
import type { Instances, PostprocessOptions } from '../core/result.js';
import { describeTensor, elementBytes, tensorArrays, type TensorView } from '../core/tensor.js';
import type { ResolvedHeads } from '../model/heads.js';
import { spannedBytes } from '../model/tensorCheck.js';
import { BestClassList, EveryClassList } from './candidateList.js';
import type { CandidateSource } from './candidateSource.js';
import { ContourTracer } from './contourTracer.js';
import { ContourWriter } from './contourWriter.js';
import { MaskTracer } from './maskTracer.js';
import { ResultSource } from './resultSource.js';
import { Selection } from './selection.js';
import { SpanWriter } from './spanWriter.js';
import { RawSource } from './rawSource.js';
import { StockSource } from './stockSource.js';
import { maxCells } from './topCandidates.js';

/** What one run found. */
export interface PostprocessResult {
  /** In fresh memory: the arrays may be transferred. */
  readonly instances: Instances;
  /** Cells above the score threshold whose class is allowed, before NMS; with `everyClass` scores of classes. */
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
  readonly #bestClass: Selection;
  /** Made when it is first asked for, which the node never does. */
  #everyClass: Selection | null = null;
  readonly #allowed: Uint8Array;
  readonly #tracer: MaskTracer;
  readonly #spans = new SpanWriter();
  readonly #contourTracer: ContourTracer;
  readonly #contours = new ContourWriter();
  readonly #coefs: Float64Array;

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
    this.#source = sourceOf(heads);
    this.#bestClass = new Selection(new BestClassList(heads.cellCount, limits.maxCandidates));
    this.#allowed = new Uint8Array(heads.classCount);
    this.#tracer = new MaskTracer(heads.proto);
    this.#contourTracer = new ContourTracer(heads.proto);
    this.#coefs = new Float64Array(heads.coefCount);
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
    const selection = options.everyClass ? this.#everyClassSelection() : this.#bestClass;
    this.#markAllowed(options.classes);
    const candidateCount = selection.list.list(this.#source, options.scoreThreshold, this.#allowed);
    const rankedCount = selection.list.rank();
    const suppresses = options.nms === 'on' || (options.nms === 'auto' && this.heads.oneToOneBy === null);
    const keptCount = selection.choose(this.#source, rankedCount, geometry, options, suppresses);
    const decodedMs = performance.now();
    const instances = this.#buildInstances(
      selection,
      keptCount,
      tensors,
      geometry,
      options.contourTolerancePx,
    );
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

  #everyClassSelection(): Selection {
    this.#everyClass ??= new Selection(new EveryClassList());
    return this.#everyClass;
  }

  #markAllowed(classes: readonly number[] | null): void {
    this.#allowed.fill(classes === null ? 1 : 0);
    if (classes !== null) for (const classId of classes) this.#allowed[classId] = 1;
  }

  #buildInstances(
    { list, ranks, boxesImage: chosenBoxes }: Selection,
    count: number,
    tensors: readonly TensorView[],
    geometry: LetterboxGeometry,
    contourTolerancePx: number | null,
  ): Instances {
    const boxesImage = chosenBoxes.slice(0, count * 4);
    const scores = new Float32Array(count);
    const classIds = new Uint16Array(count);
    const spanStarts = new Uint32Array(count + 1);
    const contourStarts = contourTolerancePx === null ? null : new Uint32Array(count + 1);
    const proto = tensors[this.heads.proto.outputIndex].data;
    this.#spans.clear();
    this.#contours.begin(contourTolerancePx ?? 0);
    for (let index = 0; index < count; index++) {
      const rank = ranks[index];
      scores[index] = this.#source.probOf(list.scoreAt(rank));
      classIds[index] = list.classAt(rank);
      this.#source.readCoefs(list.cellAt(rank), this.#coefs);
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
