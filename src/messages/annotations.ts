import type { FrameHeader } from '../core/frame.js';
import type { Contours, FrameResult } from '../core/result.js';
import { boxOf } from '../core/spans.js';
import { trackIdOf } from '../core/tracks.js';
import type { CdrWriter } from './cdrWriter.js';
import { classText } from './classText.js';
import { toRosTime } from './header.js';
import { instanceNumber } from './instanceId.js';

/** Red, green and blue, 0 to 255. */
type Colour = readonly [number, number, number];

/** How an instance is drawn. */
export interface AnnotationStyle {
  readonly colour: Colour;
  readonly textColour: Colour;
}

/** What annotations are made with beside the result. */
export interface AnnotationOptions {
  /** Index = class id. */
  readonly classNames: readonly string[];
  /** Of each instance. */
  readonly styles: readonly AnnotationStyle[];
  readonly linePx: number;
  readonly fontPx: number;
}

/** Constant of foxglove_msgs/PointsAnnotation: a closed polygon. */
const lineLoop = 2;

/**
 * foxglove_msgs/ImageAnnotations in pixels of the picture: a box and a text for each instance, and the outlines that it
 * carries. The text begins with the id of its track, `#17`, or without one with its number in the frame. Polygons are not filled: a viewer would fill their holes, too.
 *
 * Returns the message, borrowed until the writer's next use.
 */
export function writeAnnotations(
  writer: CdrWriter,
  { header, instances, tracks }: Pick<FrameResult, 'header' | 'instances' | 'tracks'>,
  options: AnnotationOptions,
): Uint8Array {
  const { count, contours } = instances;
  const { styles, linePx } = options;
  // No circles.
  writer.begin().uint32(0);
  writer.uint32(count + (contours?.instanceStarts[count] ?? 0));
  for (let i = 0; i < count; i++) {
    const { x1, y1, x2, y2 } = boxOf(instances, i);
    beginLoop(writer, header, 4);
    writer.float64(x1).float64(y1).float64(x2).float64(y1);
    writer.float64(x2).float64(y2).float64(x1).float64(y2);
    endLoop(writer, styles[i]!.colour, linePx);
    if (contours !== null) writeOutlines(writer, header, contours, i, styles[i]!.colour, linePx);
  }
  writer.uint32(count);
  for (let i = 0; i < count; i++) {
    const { x1, y1 } = boxOf(instances, i);
    const name = classText(instances.classIds[i]!, { ...options, classIdText: 'name' });
    writeTimestamp(writer, header);
    writer.float64(x1).float64(y1);
    const trackId = trackIdOf(tracks, i);
    const number = trackId > 0 ? `#${trackId}` : instanceNumber(i);
    writer.text(`${number} ${name} ${instances.scores[i]!.toFixed(2)}`).float64(options.fontPx);
    writeColour(writer, styles[i]!.textColour, 1);
    writeColour(writer, styles[i]!.colour, 1);
  }
  return writer.borrowMessage();
}

function writeOutlines(
  writer: CdrWriter,
  header: FrameHeader,
  { points, ringStarts, instanceStarts }: Contours,
  index: number,
  colour: Colour,
  linePx: number,
): void {
  for (let ring = instanceStarts[index]!; ring < instanceStarts[index + 1]!; ring++) {
    const end = ringStarts[ring + 1]!;
    beginLoop(writer, header, end - ringStarts[ring]!);
    for (let point = ringStarts[ring]!; point < end; point++) {
      writer.float64(points[point * 2]!).float64(points[point * 2 + 1]!);
    }
    endLoop(writer, colour, linePx);
  }
}

/** foxglove_msgs/PointsAnnotation up to its points, which are to follow. */
function beginLoop(writer: CdrWriter, header: FrameHeader, pointCount: number): void {
  writeTimestamp(writer, header);
  writer.uint8(lineLoop).uint32(pointCount);
}

function endLoop(writer: CdrWriter, colour: Colour, linePx: number): void {
  writeColour(writer, colour, 1);
  // One colour for all lines, and no fill.
  writer.uint32(0);
  writeColour(writer, colour, 0);
  writer.float64(linePx);
}

function writeColour(writer: CdrWriter, [red, green, blue]: Colour, opacity: number): void {
  writer
    .float64(red / 255)
    .float64(green / 255)
    .float64(blue / 255)
    .float64(opacity);
}

function writeTimestamp(writer: CdrWriter, { stampNs }: FrameHeader): void {
  const { sec, nanosec } = toRosTime(stampNs);
  writer.int32(sec).uint32(nanosec);
}
