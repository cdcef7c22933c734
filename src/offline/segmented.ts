import type { FrameHeader } from '../core/frame.js';
import type { Box } from '../core/geometry.js';
import type { Contours, FrameResult } from '../core/result.js';
import { boxOf } from '../core/spans.js';
import { type CocoRle, spansToRle } from '../evaluate/cocoRle.js';
import { signedRingAreaTwice } from '../postprocess/simplify.js';
import type { OfflineInput } from './offlineInput.js';

/** A closed outline in continuous source pixels, x and y of each point in turn. */
export interface Ring {
  readonly points: readonly number[];
  /** True for the edge of a hole. */
  readonly isHole: boolean;
}

/** One instance as files hold it. */
export interface SegmentedInstance {
  readonly classId: number;
  readonly className: string;
  readonly score: number;
  /** Null without a track, undefined where nothing is followed. */
  readonly trackId: number | null | undefined;
  readonly box: Box;
  readonly rle: CocoRle & { readonly counts: string };
  /** An outer ring stands before its holes. */
  readonly rings: readonly Ring[];
}

/** What was found in one input, best score first. */
export interface SegmentedPicture {
  readonly input: OfflineInput;
  readonly header: FrameHeader;
  readonly instances: readonly SegmentedInstance[];
}

function ringsOf({ points, ringStarts, instanceStarts }: Contours, instance: number): Ring[] {
  const rings: Ring[] = [];
  for (let ring = instanceStarts[instance]!; ring < instanceStarts[instance + 1]!; ring++) {
    const [first, end] = [ringStarts[ring]!, ringStarts[ring + 1]!];
    // Outer boundaries run clockwise on the picture, whose y runs down: their area is positive.
    const isHole = signedRingAreaTwice(points, first, end - first) < 0;
    rings.push({ points: Array.from(points.subarray(first * 2, end * 2)), isHole });
  }
  return rings;
}

/** Reads a result, which must have contours, into the form that files are made of. */
export function segmentedPicture(
  input: OfflineInput,
  { header, instances, tracks }: FrameResult,
  classNames: readonly string[],
): SegmentedPicture {
  const { widthPx, heightPx } = header;
  const { scores, classIds, spans, spanStarts, contours } = instances;
  const found = Array.from({ length: instances.count }, (_, i): SegmentedInstance => {
    const classId = classIds[i]!;
    return {
      classId,
      className: classNames[classId]!,
      score: scores[i]!,
      trackId: tracks === null ? undefined : tracks.ids[i] || null,
      box: boxOf(instances, i),
      rle: spansToRle(spans.subarray(spanStarts[i]! * 3, spanStarts[i + 1]! * 3), widthPx, heightPx),
      rings: ringsOf(contours!, i),
    };
  });
  return { input, header, instances: found };
}
