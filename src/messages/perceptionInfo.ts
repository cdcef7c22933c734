import type { FrameHeader } from '../core/frame.js';
import type { SizePx } from '../core/geometry.js';
import type { CdrWriter } from './cdrWriter.js';
import { writeHeader } from './header.js';

/**
 * ai_msgs/PerceptionInfo: the size of the pictures that results refer to, and the names of the classes by id.
 *
 * Returns the message, borrowed until the writer's next use.
 */
export function writePerceptionInfo(
  writer: CdrWriter,
  header: Pick<FrameHeader, 'stampNs' | 'frameId'>,
  { widthPx, heightPx }: SizePx,
  classNames: readonly string[],
): Uint8Array {
  writeHeader(writer.begin(), header);
  writer.uint32(heightPx).uint32(widthPx).uint32(classNames.length);
  for (const name of classNames) writer.text(name);
  return writer.borrowMessage();
}
