import type { FrameResult } from '../core/result.js';
import type { CdrWriter } from './cdrWriter.js';
import { type ClassTextOptions, classText } from './classText.js';
import { writeHeader } from './header.js';
import { instanceId } from './instanceId.js';

/** Position, orientation and covariance that a 2D detection leaves open. */
const poseValues = 7 + 36;

/**
 * vision_msgs/Detection2DArray: boxes in source pixels, one hypothesis each, best score first.
 *
 * Returns the message, borrowed until the writer's next use.
 */
export function writeDetections(
  writer: CdrWriter,
  { header, instances, tracks }: Pick<FrameResult, 'header' | 'instances' | 'tracks'>,
  options: ClassTextOptions,
): Uint8Array {
  const { count, boxesImage, scores, classIds } = instances;
  writeHeader(writer.begin(), header);
  writer.uint32(count);
  for (let i = 0; i < count; i++) {
    writeHeader(writer, header);
    writer.uint32(1);
    writer.text(classText(classIds[i]!, options)).float64(scores[i]!);
    for (let value = 0; value < poseValues; value++) {
      // The unit quaternion: w follows x, y, z of the position and of the orientation.
      writer.float64(value === 6 ? 1 : 0);
    }
    const x1 = boxesImage[i * 4]!;
    const y1 = boxesImage[i * 4 + 1]!;
    const x2 = boxesImage[i * 4 + 2]!;
    const y2 = boxesImage[i * 4 + 3]!;
    writer
      .float64((x1 + x2) / 2)
      .float64((y1 + y2) / 2)
      .float64(0);
    writer.float64(x2 - x1).float64(y2 - y1);
    writer.text(instanceId(header, tracks, i));
  }
  return writer.borrowMessage();
}
