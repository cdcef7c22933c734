import { type FrameDepths, isLocated } from '../core/depths.js';
import type { FrameHeader } from '../core/frame.js';
import type { SizePx } from '../core/geometry.js';
import { backgroundLabel, paintLabels } from '../core/labelMap.js';
import type { FrameResult, Instances } from '../core/result.js';
import { boxOf, maskRect } from '../core/spans.js';
import { type FrameTracks, trackIdOf } from '../core/tracks.js';
import type { CdrWriter } from './cdrWriter.js';
import { classText } from './classText.js';
import { toRosTime, writeHeader } from './header.js';
import type { Perf } from './perfs.js';

/** What ai_msgs/PerceptionTargets holds beside the result. */
export interface PerceptionOptions {
  /** Index = class id. */
  readonly classNames: readonly string[];
  readonly perfs: readonly Perf[];
  /** Results per second. */
  readonly rateHz: number;
  /** Size of the label map of the capture. */
  readonly mapSize: SizePx;
  /** Pixels of the model input per value of that map. */
  readonly mapStepPx: number;
  /** Puts one value more than the map has behind it. */
  readonly hasSpareValue: boolean;
}

/** Consumers draw label maps of targets of this type only. */
const labelMapTarget = 'parking_space';
const maxInt16 = 0x7fff;
const untracked = 0;

/**
 * ai_msgs/PerceptionTargets as TROS consumers read it: a target with one roi per instance, best score first, and a
 * target whose capture holds all masks as one map of class ids + 1, row by row. `track_id` is 0 without a track; tracks that
 * have ended are the disappeared targets.
 *
 * Returns the message, borrowed until the writer's next use.
 */
export function writePerceptionTargets(
  writer: CdrWriter,
  { header, instances, tracks, depths }: Pick<FrameResult, 'header' | 'instances' | 'tracks' | 'depths'>,
  options: PerceptionOptions,
): Uint8Array {
  writeHeader(writer.begin(), header);
  writer.int16(Math.min(maxInt16, Math.round(options.rateHz)));
  writePerfs(writer, options.perfs);
  writer.uint32(instances.count + 1);
  for (let i = 0; i < instances.count; i++) {
    const name = classText(instances.classIds[i]!, { ...options, classIdText: 'name' });
    writeTarget(writer, name, trackIdOf(tracks, i));
    writer.uint32(1).text(name);
    writeRoi(writer, header, instances, i);
    writer.float32(instances.scores[i]!);
    writePlace(writer, depths, i);
    // No points and captures.
    writer.uint32(0).uint32(0);
  }
  writeLabelMapTarget(writer, header, instances, options);
  writeDisappeared(writer, tracks);
  return writer.borrowMessage();
}

/** ai_msgs/Target up to its rois, which are to follow. */
function writeTarget(writer: CdrWriter, name: string, trackId: number): void {
  writer.text(name).uint64(BigInt(trackId));
}

/** ai_msgs/Target[]: name and track of each, and nothing else of it. */
function writeDisappeared(writer: CdrWriter, tracks: FrameTracks | null): void {
  const ended = tracks?.ended ?? [];
  writer.uint32(ended.length);
  for (const { id, className } of ended) {
    writeTarget(writer, className, id);
    // No rois, attributes, points and captures.
    writer.uint32(0).uint32(0).uint32(0).uint32(0);
  }
}

function writePerfs(writer: CdrWriter, perfs: readonly Perf[]): void {
  writer.uint32(perfs.length);
  for (const { type, startNs, endNs, durationMs } of perfs) {
    writer.text(type);
    writeTime(writer, startNs);
    writeTime(writer, endNs);
    writer.float64(durationMs);
  }
}

function writeTime(writer: CdrWriter, instantNs: bigint): void {
  const { sec, nanosec } = toRosTime(instantNs);
  writer.int32(sec).uint32(nanosec);
}

/**
 * ai_msgs/Attribute[] of where an instance is, metres in the optical frame of the depth picture; none where that is not known. Their
 * confidence is the share of the mask that holds a depth.
 */
function writePlace(writer: CdrWriter, depths: FrameDepths | null, index: number): void {
  if (depths === null || !isLocated(depths, index)) {
    writer.uint32(0);
    return;
  }
  const { mediansM, positionsM, validShares } = depths;
  const attributes = { distance: mediansM[index]!, ...positionAttributes(positionsM, index) };
  writer.uint32(Object.keys(attributes).length);
  for (const [type, value] of Object.entries(attributes))
    writer.text(type).float32(value).float32(validShares[index]!);
}

function positionAttributes(positionsM: Float32Array, index: number): Record<string, number> {
  const [x, y, z] = positionsM.subarray(index * 3, index * 3 + 3);
  return { position_x: x!, position_y: y!, position_z: z! };
}

/** sensor_msgs/RegionOfInterest in the picture; of a pixel at least, as one without any stands for the whole picture. */
function writeRoi(
  writer: CdrWriter,
  { widthPx, heightPx }: FrameHeader,
  instances: Instances,
  index: number,
): void {
  const rect = maskRect(boxOf(instances, index));
  const xPx = Math.min(rect.xPx, widthPx - 1);
  const yPx = Math.min(rect.yPx, heightPx - 1);
  writer.uint32(xPx).uint32(yPx);
  writer.uint32(Math.max(1, rect.heightPx)).uint32(Math.max(1, rect.widthPx));
  // do_rectify
  writer.uint8(0);
}

function writeLabelMapTarget(
  writer: CdrWriter,
  header: FrameHeader,
  instances: Instances,
  { classNames, mapSize, mapStepPx, hasSpareValue }: PerceptionOptions,
): void {
  const { widthPx, heightPx } = mapSize;
  writeTarget(writer, labelMapTarget, untracked);
  // No rois; one attribute; no points; one capture.
  writer.uint32(0);
  writer.uint32(1).text('segmentation_label_count').float32(classNames.length).float32(0);
  writer.uint32(0);
  writer.uint32(1);
  writeHeader(writer, header);
  writeHeader(writer, header);
  // An image without pixels: consumers take its size only.
  writer.uint32(heightPx).uint32(widthPx).text('').uint8(0).uint32(mapStepPx).uint32(0);
  const mapPx = widthPx * heightPx;
  const features = writer.reserveFloats(hasSpareValue ? mapPx + 1 : mapPx);
  paintLabels(instances, 'class', header, mapSize, features);
  if (hasSpareValue) features[mapPx] = backgroundLabel;
  // DBResult: no database.
  writer.text('').text('').float32(0).float32(0);
}
