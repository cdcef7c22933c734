import type { FrameHeader } from '../core/frame.js';
import type { Instances } from '../core/result.js';
import { fromRosTime } from '../messages/header.js';
import {
  type HeaderMessage,
  readCompressedImage,
  readDetections,
  readDiagnostics,
  readMasks,
} from '../messages/read.js';
import { NodeFigures } from './nodeFigures.js';
import { instancesOfMessage } from './maskMessages.js';

/** An output that the recorder listens to. */
export type OutputName = 'detections' | 'masks' | 'overlay';

/** Outputs that every frame has; the overlay leaves frames out on purpose. */
export const framewiseOutputs = ['detections', 'masks'] as const;
type FramewiseOutput = (typeof framewiseOutputs)[number];

/** What may still be on its way when the recording ends, by stamp. */
const settleNs = 500_000_000n;

/** The masks of one frame, kept until they can be compared. */
export interface ObservedMasks extends Pick<FrameHeader, 'stampNs' | 'widthPx' | 'heightPx'> {
  readonly found: Instances;
  readonly classTexts: readonly string[];
  /** As the messages have them. */
  readonly ids: readonly string[];
}

function stampOf(header: HeaderMessage): bigint {
  return fromRosTime(header.stamp);
}

/** Everything seen on the node's topics, in the form the figures are made of. */
export class ObservedOutputs {
  readonly figures: NodeFigures;
  readonly masks: ObservedMasks[] = [];
  /** Stamps of the messages of each output, in order of arrival. */
  readonly stamps: Readonly<Record<OutputName, bigint[]>> = { detections: [], masks: [], overlay: [] };
  /** Stamp of the frame to arrival of its detections here, milliseconds. */
  readonly detectionAgesMs: number[] = [];
  readonly #classNames: readonly string[];
  /** Frames seen on any output, in order of first arrival. */
  readonly #frames = new Set<bigint>();
  readonly #detectionTexts = new Map<bigint, readonly string[]>();

  /**
   * @param classNames Class ids of the masks index it; classes that are not in it match nothing.
   * @param camera The one of several whose outputs they are.
   */
  constructor(node: string, classNames: readonly string[], camera: string | null = null) {
    this.figures = new NodeFigures(node, camera);
    this.#classNames = classNames;
  }

  /**
   * Throws ConfigError `node` where the node was not there, or its cameras are not as asked.
   *
   * @param areOutputsWanted False where its diagnostics alone are, which have sums of all cameras.
   */
  refuseOtherNode(areOutputsWanted: boolean): void {
    const hasOutputs = Object.values(this.stamps).some((stamps) => stamps.length > 0);
    // Diagnostics may be rarer than the recording is long.
    if (!(hasOutputs && this.figures.isEmpty)) this.figures.refuseOtherNode(areOutputsWanted);
  }

  /** @param nowNs Time of arrival since the epoch. */
  addDetections(cdr: Uint8Array, nowNs: bigint): void {
    const message = readDetections(cdr);
    const stampNs = stampOf(message.header);
    this.#note('detections', stampNs);
    this.detectionAgesMs.push(Number(nowNs - stampNs) / 1e6);
    this.#detectionTexts.set(
      stampNs,
      message.detections.map((detection) => detection.results[0]?.hypothesis.class_id ?? ''),
    );
  }

  /** Throws SegError `mask` for a mask that contradicts itself. */
  addMasks(cdr: Uint8Array): void {
    const message = readMasks(cdr);
    const stampNs = stampOf(message.header);
    this.#note('masks', stampNs);
    this.masks.push({
      stampNs,
      widthPx: message.image_width,
      heightPx: message.image_height,
      found: instancesOfMessage(message, this.#classNames),
      classTexts: message.masks.map((mask) => mask.class_id),
      ids: message.masks.map(({ id }) => id),
    });
  }

  /** Returns the JPEG file inside, and whether its frame is known to have objects. */
  addOverlay(cdr: Uint8Array): { readonly jpeg: Uint8Array; readonly hasObjects: boolean } {
    const message = readCompressedImage(cdr);
    const stampNs = stampOf(message.header);
    this.#note('overlay', stampNs);
    // The overlay is drawn after the detections have left.
    return { jpeg: message.data, hasObjects: (this.#detectionTexts.get(stampNs)?.length ?? 0) > 0 };
  }

  addDiagnostics(cdr: Uint8Array): void {
    this.figures.update(readDiagnostics(cdr));
  }

  /** Frames whose masks are not, one by one, of the classes of the detections with the same stamp. */
  disagreements(): number {
    return this.masks.filter(({ stampNs, classTexts }) => {
      const texts = this.#detectionTexts.get(stampNs);
      return texts !== undefined && texts.join('\n') !== classTexts.join('\n');
    }).length;
  }

  /**
   * Frames that an output lacks although another one has them, from its first message on; null where it had none.
   *
   * What no output has cannot be missed here.
   */
  missing(output: FramewiseOutput): number | null {
    const stamps = new Set(this.stamps[output]);
    if (stamps.size === 0) return null;
    const frames = [...this.#frames];
    let lastNs = frames[0]!;
    for (const stampNs of frames) if (stampNs > lastNs) lastNs = stampNs;
    const sinceFirst = frames.slice(frames.indexOf(this.stamps[output][0]!));
    return sinceFirst.filter((stampNs) => !stamps.has(stampNs) && stampNs <= lastNs - settleNs).length;
  }

  #note(output: OutputName, stampNs: bigint): void {
    this.stamps[output].push(stampNs);
    this.#frames.add(stampNs);
  }
}
