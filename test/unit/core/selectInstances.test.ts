import { expect, it } from 'vitest';
import type { Instances } from '#dist/core/result.js';
import { selectInstances, withoutBelow } from '#dist/core/selectInstances.js';
import { fakeResult } from '../pipeline/fakes.js';
import { instancesOf, randomPixelMasks } from './pixelMasks.js';

/** Two rings of three points for the even instances, none for the odd ones; each point names its instance. */
function withContours(instances: Instances): Instances {
  const points: number[] = [];
  const ringStarts = [0];
  const instanceStarts = [0];
  for (let i = 0; i < instances.count; i++) {
    for (let ring = 0; ring < (i % 2 === 0 ? 2 : 0); ring++) {
      for (let point = 0; point < 3; point++) points.push(i, ring * 10 + point);
      ringStarts.push(points.length / 2);
    }
    instanceStarts.push(ringStarts.length - 1);
  }
  const contours = {
    points: Float32Array.from(points),
    ringStarts: Uint32Array.from(ringStarts),
    instanceStarts: Uint32Array.from(instanceStarts),
  };
  return { ...instances, contours };
}

it('chosen instances are those that are made of their pixels alone', () => {
  const { instances, masks } = randomPixelMasks(7, 3);
  const indices = [0, 2, 3, 6];
  const chosen = selectInstances(withContours(instances), indices);
  const alone = instancesOf(
    indices.map((index) => masks[index]!),
    48,
    indices.map((index) => instances.classIds[index]!),
  );
  expect(chosen.boxesImage).toEqual(alone.boxesImage);
  expect(chosen.spans).toEqual(alone.spans);
  expect(chosen.spanStarts).toEqual(alone.spanStarts);
  expect(chosen.classIds).toEqual(alone.classIds);
  expect([...chosen.scores]).toEqual(indices.map((index) => instances.scores[index]));
  const { points, ringStarts, instanceStarts } = chosen.contours!;
  expect([...instanceStarts]).toEqual([0, 2, 4, 4, 6]);
  expect([...ringStarts]).toEqual([0, 3, 6, 9, 12, 15, 18]);
  const owners = [0, 0, 2, 2, 6, 6].flatMap((owner, ring) =>
    [0, 1, 2].flatMap((at) => [owner, (ring % 2) * 10 + at]),
  );
  expect([...points]).toEqual(owners);
});

it('all of them are the given ones, without a copy', () => {
  const { instances } = randomPixelMasks(4, 3);
  expect(selectInstances(instances, [0, 1, 2, 3])).toBe(instances);
});

it('instances below a threshold are left out of a result, and one as high as it stays', () => {
  const { instances } = randomPixelMasks(4, 3);
  const scores = Float32Array.of(0.9, 0.5, 0.25, 0.1);
  const result = { ...fakeResult(0), instances: { ...instances, scores } };
  expect([...withoutBelow(result, 0.25).instances.scores]).toEqual([...scores.subarray(0, 3)]);
  expect(withoutBelow(result, 0.1)).toBe(result);
});
