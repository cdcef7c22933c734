import { type ConfigError, describeError, type FrameError } from '../core/errors.js';
import type { FrameHeader } from '../core/frame.js';
import type { ModelInfo } from '../core/ports.js';
import type { OfflineInput } from './offlineInput.js';
import { rounded } from './rounded.js';
import type { SegmentedPicture } from './segmented.js';

/** Where in its file a frame is: which frame of NV12, which picture of a video and when, or which message. */
function placeOf(input: OfflineInput, { stampNs, frameId }: FrameHeader): object {
  if (input.kind === 'nv12') return { frame: input.frame };
  if (input.kind === 'video') {
    return { frame: input.number, time: input.timeNs === null ? null : secondsText(input.timeNs) };
  }
  if (input.kind !== 'message') return {};
  return {
    topic: input.topic.name,
    stamp: secondsText(stampNs),
    log_time: secondsText(input.logTimeNs),
    frame_id: frameId,
  };
}

/** An instant in seconds with all nine digits, as a text: a number of JSON would lose the last of them. */
export function secondsText(instantNs: bigint): string {
  const digits = (instantNs < 0n ? -instantNs : instantNs).toString().padStart(10, '0');
  return `${instantNs < 0n ? '-' : ''}${digits.slice(0, -9)}.${digits.slice(-9)}`;
}

/** The text of a JSON file with everything that was found in one picture; docs/segment.md names the fields. */
export function jsonFile({ input, header, instances }: SegmentedPicture, model: ModelInfo): string {
  const document = {
    input: input.path,
    ...placeOf(input, header),
    width: header.widthPx,
    height: header.heightPx,
    model: model.path,
    backend: model.backend,
    instances: instances.map(({ classId, className, score, trackId, box, rle, rings }) => ({
      class_id: classId,
      class_name: className,
      score: rounded(score, 6),
      // Left out of the text where it is undefined.
      track_id: trackId,
      box: [box.x1, box.y1, box.x2, box.y2].map((value) => rounded(value, 2)),
      segmentation: rle,
      contours: rings.map(({ points, isHole }) => ({
        hole: isHole,
        points: points.map((value) => rounded(value, 2)),
      })),
    })),
  };
  return `${JSON.stringify(document)}\n`;
}

/** A line for what could not be segmented, in the place of its result. */
export function jsonFault(input: OfflineInput, fault: ConfigError | FrameError): string {
  const place =
    input.kind === 'message' ? { topic: input.topic.name, log_time: secondsText(input.logTimeNs) } : {};
  return `${JSON.stringify({ input: input.path, ...place, fault: describeError(fault) })}\n`;
}
