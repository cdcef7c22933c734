import type { Contours, FrameResult } from '../core/result.js';
import { boxOf, maskRect, rasterizeMask, runLengths } from '../core/spans.js';
import type { CdrWriter } from './cdrWriter.js';
import { type ClassTextOptions, classText } from './classText.js';
import { writeHeader } from './header.js';
import { instanceId } from './instanceId.js';

/** Constants of rdk_yolo_seg_msgs/InstanceMask. */
export const maskEncodings = { mono8: 0, rle: 1 } as const;

/** What the messages of `~/masks` hold. */
export interface MaskOptions extends ClassTextOptions {
  readonly encoding: keyof typeof maskEncodings;
  /** Writes the contours that the instances carry. */
  readonly contours: boolean;
}

const noRuns = new Uint32Array(0);

/**
 * rdk_yolo_seg_msgs/InstanceMaskArray: mask i belongs to detection i and covers the pixels of its box.
 *
 * Returns the message, borrowed until the writer's next use.
 */
export function writeMasks(
  writer: CdrWriter,
  { header, instances, tracks }: Pick<FrameResult, 'header' | 'instances' | 'tracks'>,
  options: MaskOptions,
): Uint8Array {
  writeHeader(writer.begin(), header);
  writer.uint32(header.widthPx).uint32(header.heightPx).uint32(instances.count);
  for (let i = 0; i < instances.count; i++) {
    const rect = maskRect(boxOf(instances, i));
    writer.text(instanceId(header, tracks, i));
    writer.text(classText(instances.classIds[i]!, options)).float32(instances.scores[i]!);
    writer.uint32(rect.xPx).uint32(rect.yPx).uint32(rect.widthPx).uint32(rect.heightPx);
    writer.uint8(maskEncodings[options.encoding]);
    if (options.encoding === 'mono8') {
      rasterizeMask(instances, i, rect, writer.reserveBytes(rect.widthPx * rect.heightPx));
      writer.uint32Sequence(noRuns);
    } else {
      writer.reserveBytes(0);
      writer.uint32Sequence(runLengths(instances, i, rect));
    }
    writePolygons(writer, options.contours ? instances.contours : null, i);
  }
  return writer.borrowMessage();
}

/** geometry_msgs/Polygon[]: the rings of instance `index`; none without contours. */
function writePolygons(writer: CdrWriter, contours: Contours | null, index: number): void {
  if (contours === null) {
    writer.uint32(0);
    return;
  }
  const { points, ringStarts, instanceStarts } = contours;
  const ringEnd = instanceStarts[index + 1]!;
  writer.uint32(ringEnd - instanceStarts[index]!);
  for (let ring = instanceStarts[index]!; ring < ringEnd; ring++) {
    const end = ringStarts[ring + 1]!;
    writer.uint32(end - ringStarts[ring]!);
    for (let point = ringStarts[ring]!; point < end; point++) {
      writer
        .float32(points[point * 2]!)
        .float32(points[point * 2 + 1]!)
        .float32(0);
    }
  }
}
