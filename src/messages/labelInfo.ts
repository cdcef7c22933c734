import type { FrameHeader } from '../core/frame.js';
import { backgroundLabel, type LabelKind, labelOf } from '../core/labelMap.js';
import type { CdrWriter } from './cdrWriter.js';
import { writeHeader } from './header.js';

/** What the values of the label map mean. */
export interface LabelNames {
  readonly kind: LabelKind;
  /** Index = class id. */
  readonly classNames: readonly string[];
  /** Smallest probability of what is in the label map. */
  readonly scoreThreshold: number;
}

/**
 * vision_msgs/LabelInfo: the name of every value of a label map. Instances have no names beyond their frame, and tracks none
 * at all: theirs are those of the detections, and only the background is named here.
 *
 * Returns the message, borrowed until the writer's next use.
 */
export function writeLabelInfo(
  writer: CdrWriter,
  header: Pick<FrameHeader, 'stampNs' | 'frameId'>,
  { kind, classNames, scoreThreshold }: LabelNames,
): Uint8Array {
  const named = kind === 'class' ? classNames : [];
  writeHeader(writer.begin(), header);
  writer.uint32(named.length + 1);
  writer.uint16(backgroundLabel).text('background');
  named.forEach((name, classId) => {
    writer.uint16(labelOf(classId)).text(name);
  });
  return writer.float32(scoreThreshold).borrowMessage();
}
