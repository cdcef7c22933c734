import type { Box } from '../core/geometry.js';
import type { Contours, FrameResult } from '../core/result.js';
import { boxOf } from '../core/spans.js';
import { type CocoRle, spansToRle } from '../evaluate/cocoRle.js';
import type { OfflineInput } from './inputs.js';

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
  readonly box: Box;
  readonly rle: CocoRle & { readonly counts: string };
  /** An outer ring stands before its holes. */
  readonly rings: readonly Ring[];
}

/** What was found in one input, best score first. */
export interface SegmentedPicture {
  readonly input: OfflineInput;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly instances: readonly SegmentedInstance[];
}

/** Twice the area that the ring encloses; on the picture, whose y runs down, positive where it runs clockwise. */
function doubledArea(points: readonly number[]): number {
  let sum = 0;
  for (let at = 0; at < points.length; at += 2) {
    const next = (at + 2) % points.length;
    sum += points[at]! * points[next + 1]! - points[next]! * points[at + 1]!;
  }
  return sum;
}

function ringsOf({ points, ringStarts, instanceStarts }: Contours, instance: number): Ring[] {
  const rings: Ring[] = [];
  for (let ring = instanceStarts[instance]!; ring < instanceStarts[instance + 1]!; ring++) {
    const own = Array.from(points.subarray(ringStarts[ring]! * 2, ringStarts[ring + 1]! * 2));
    rings.push({ points: own, isHole: doubledArea(own) < 0 });
  }
  return rings;
}

/** Reads a result, which must have contours, into the form that files are made of. */
export function segmentedPicture(
  input: OfflineInput,
  { header, instances }: FrameResult,
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
      box: boxOf(instances, i),
      rle: spansToRle(spans.subarray(spanStarts[i]! * 3, spanStarts[i + 1]! * 3), widthPx, heightPx),
      rings: ringsOf(contours!, i),
    };
  });
  return { input, widthPx, heightPx, instances: found };
}
