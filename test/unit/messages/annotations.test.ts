import { readFileSync } from 'node:fs';
import { parse } from '@foxglove/rosmsg';
import { expect, it } from 'vitest';
import { writeAnnotations } from '#dist/messages/annotations.js';
import { CdrWriter } from '#dist/messages/cdrWriter.js';
import { messageDefinition } from '#dist/messages/definitions.js';
import { randomPixelMasks } from '../core/pixelMasks.js';
import { foxgloveBytes } from './foxglove.js';

const type = 'foxglove_msgs/msg/ImageAnnotations';
const classNames = ['ball', 'Straße'];
const timestamp = { sec: 1_700_000_000, nanosec: 123_456_789, nsec: 123_456_789 };
const style = (i: number) => ({ colour: [255, 51, i], textColour: [0, 0, 0] }) as const;
const colour = (i: number, a: number) => ({ r: 1, g: 0.2, b: i / 255, a });
const loop = (i: number, points: { x: number; y: number }[]) => ({
  timestamp,
  type: 2,
  points,
  outline_color: colour(i, 1),
  outline_colors: [],
  fill_color: colour(i, 0),
  thickness: 2,
});

it.each([
  [0, false],
  [1, true],
  [2, false],
  [9, true],
])(
  'foxglove_msgs/ImageAnnotations of %i instances, contours %s, is the bytes of another writer',
  (count, traced) => {
    const scene = randomPixelMasks(count, count + 5, { classCount: 1 });
    // Instance i has i % 3 rings of three points.
    const rings = Array.from({ length: count }, (_, i) => i % 3);
    const ringCount = rings.reduce((sum, own) => sum + own, 0);
    const instanceStarts = Uint32Array.from([
      0,
      ...rings.map((_, i) => rings.slice(0, i + 1).reduce((a, b) => a + b, 0)),
    ]);
    const points = Float32Array.from({ length: ringCount * 6 }, (_, i) => i / 8);
    const ringStarts = Uint32Array.from({ length: ringCount + 1 }, (_, ring) => ring * 3);
    const contours = traced ? { points, ringStarts, instanceStarts } : null;
    const instances = { ...scene.instances, contours };
    const styles = rings.map((_, i) => style(i));
    const written = writeAnnotations(
      new CdrWriter(8),
      { header: scene.header, instances, tracks: null },
      { classNames, styles, linePx: 2, fontPx: 14 },
    );
    const boxes = rings.map(
      (_, i) => [...instances.boxesImage.subarray(i * 4, i * 4 + 4)] as [number, number, number, number],
    );
    const expected = {
      circles: [],
      points: boxes.flatMap(([x1, y1, x2, y2], i) => {
        const corners = [
          [x1, y1],
          [x2, y1],
          [x2, y2],
          [x1, y2],
        ].map(([x, y]) => ({ x: x!, y: y! }));
        const own = traced ? Array.from({ length: rings[i]! }, (_, ring) => instanceStarts[i]! + ring) : [];
        const outlines = own.map((ring) =>
          [0, 1, 2].map((point) => ({
            x: points[ring * 6 + point * 2]!,
            y: points[ring * 6 + point * 2 + 1]!,
          })),
        );
        return [loop(i, corners), ...outlines.map((outline) => loop(i, outline))];
      }),
      texts: boxes.map(([x1, y1], i) => ({
        timestamp,
        position: { x: x1, y: y1 },
        text: `${i + 1} ball ${instances.scores[i]!.toFixed(2)}`,
        font_size: 14,
        text_color: { r: 0, g: 0, b: 0, a: 1 },
        background_color: colour(i, 1),
      })),
    };
    expect(Buffer.compare(written, foxgloveBytes(type, expected))).toBe(0);
  },
);

it('foxglove_msgs has the fields of the package on machines that lack it', () => {
  const fieldsOf = ({ definitions }: ReturnType<typeof parse>[number]) =>
    definitions.map(({ type: of, name, isArray }) => [
      of.replace(/^foxglove_msgs\/(msg\/)?/, ''),
      name,
      isArray ?? false,
    ]);
  const [, ...used] = parse(messageDefinition(type), { ros2: true });
  const ours = used.filter(({ name }) => name?.startsWith('foxglove_msgs/'));
  expect(ours).toHaveLength(5);
  for (const definition of ours) {
    const file = `ros/compat/foxglove_msgs/msg/${definition.name!.split('/').at(-1)}.msg`;
    const [compat] = parse(readFileSync(file, 'utf8'), { ros2: true, skipTypeFixup: true });
    expect(fieldsOf(definition), file).toEqual(fieldsOf(compat!));
  }
});
