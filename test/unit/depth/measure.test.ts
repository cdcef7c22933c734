import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { cloudPointBytes, depthOutcomes, type FrameDepths } from '#dist/core/depths.js';
import type { Instances } from '#dist/core/result.js';
import { alignPictures } from '#dist/depth/alignment.js';
import type { DepthPicture } from '#dist/depth/depthPicture.js';
import { DepthMeasurer, type DepthOptions } from '#dist/depth/measure.js';
import type { Pinhole } from '#dist/depth/pinhole.js';
import { numpyPython } from '../../oracle/oracle.js';
import { makeRandom } from '../../support/random.js';
import { instancesOf, randomPixelMasks } from '../core/pixelMasks.js';

const options: DepthOptions = {
  erosionPx: 1,
  outlierFactor: 3,
  leastValidShare: 0.1,
  nearestM: 0,
  farthestM: 50,
  cloud: 'organised',
};

interface Case {
  readonly masks: readonly Uint8Array[];
  readonly instances: Instances;
  readonly source: { readonly widthPx: number; readonly heightPx: number };
  readonly picture: DepthPicture;
  readonly camera: Pinhole;
  readonly sourceCamera: Pinhole | null;
  readonly options: DepthOptions;
}

const matrixOf = ({ fx, fy, cx, cy }: Pinhole) => [fx, fy, cx, cy];
const base64 = (array: ArrayBufferView) =>
  Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString('base64');

interface OracleInstance {
  readonly outcome: string;
  readonly share?: number;
  readonly median?: number;
  readonly mad?: number;
  readonly position?: number[];
  readonly centre?: number[];
  readonly extent?: number[];
}

function runNumpy({ masks, source, picture, camera, sourceCamera, options: chosen }: Case) {
  const input = JSON.stringify({
    depthSize: [picture.heightPx, picture.widthPx],
    sourceSize: [source.heightPx, source.widthPx],
    depth: base64(picture.values),
    dtype: picture.values instanceof Uint16Array ? '<u2' : '<f4',
    unit: picture.unitM,
    camera: matrixOf(camera),
    sourceCamera: sourceCamera === null ? null : matrixOf(sourceCamera),
    masks: masks.map(base64),
    erosion: chosen.erosionPx,
    factor: chosen.outlierFactor,
    validShare: chosen.leastValidShare,
    nearest: chosen.nearestM,
    farthest: chosen.farthestM,
  });
  const output = execFileSync(numpyPython!, ['test/oracle/depth.py'], { input, encoding: 'utf8' });
  return JSON.parse(output) as { readonly instances: OracleInstance[]; readonly labels: number[] };
}

function measure(made: Case): FrameDepths {
  const colours = Uint32Array.from(made.masks, (_, i) => 0xff000000 + i);
  const alignment = alignPictures(made.source, made.sourceCamera, made.camera);
  const scene = { picture: made.picture, camera: made.camera, alignment };
  return new DepthMeasurer().measure(made.instances, scene, made.options, colours);
}

/** The labels of an organised cloud. */
function labelsOf({ cloud }: FrameDepths): number[] {
  const words = new Int32Array(cloud!.bytes.buffer);
  const points = cloud!.bytes.length / cloudPointBytes;
  return Array.from({ length: points }, (_, i) => words[i * 7 + 5]!);
}

function expectLikeNumpy(depths: FrameDepths, made: Case): void {
  const theirs = runNumpy(made);
  theirs.instances.forEach((one, i) => {
    expect(depthOutcomes[depths.outcomes[i]!], `outcome of ${i}`).toBe(one.outcome);
    if (one.share !== undefined) expect(depths.validShares[i]).toBeCloseTo(one.share, 6);
    const lengths = [
      depths.mediansM[i]!,
      depths.madsM[i]!,
      ...depths.positionsM.subarray(i * 3, i * 3 + 3),
      ...depths.boxCentresM.subarray(i * 3, i * 3 + 3),
      ...depths.extentsM.subarray(i * 3, i * 3 + 3),
    ];
    if (one.outcome !== 'located') {
      expect(lengths.every(Number.isNaN)).toBe(true);
      return;
    }
    const expected = [one.median!, one.mad!, ...one.position!, ...one.centre!, ...one.extent!];
    lengths.forEach((metres, at) => {
      expect(metres, `value ${at} of ${i}`).toBeCloseTo(expected[at]!, 4);
    });
  });
  expect(labelsOf(depths)).toEqual(theirs.labels);
}

/** Depth pictures of noise around a slope, with holes, in either encoding. */
function randomPicture(seed: number, widthPx: number, heightPx: number, isFloat: boolean): DepthPicture {
  const random = makeRandom(seed);
  const holes = isFloat ? [0, Number.NaN, Number.POSITIVE_INFINITY, -1] : [0];
  const values = Array.from({ length: widthPx * heightPx }, (_, at) => {
    if (random() < 0.2) return holes[Math.floor(random() * holes.length)]!;
    const z = 1 + (at % widthPx) / widthPx + random() * 0.3 + (random() < 0.1 ? 4 : 0);
    return isFloat ? z : Math.round(z * 1000);
  });
  const array = isFloat ? Float32Array.from(values) : Uint16Array.from(values);
  return { widthPx, heightPx, stampNs: 5n, frameId: 'optical', unitM: isFloat ? 1 : 0.001, values: array };
}

const cameraOf = (widthPx: number, heightPx: number): Pinhole => ({
  frameId: 'optical',
  widthPx,
  heightPx,
  fx: widthPx * 0.9,
  fy: widthPx * 0.91,
  cx: widthPx / 2 - 0.7,
  cy: heightPx / 2 + 0.3,
});

describe.skipIf(numpyPython === null)('places of random masks (skipped without numpy)', () => {
  it.each([
    ['of the same size, mono16', [48, 34], [48, 34], false, 1],
    ['of the same size, 32FC1', [48, 34], [48, 34], true, 0],
    ['on a smaller depth picture', [96, 68], [48, 34], false, 1],
    ['on a larger depth picture', [48, 34], [144, 102], true, 2],
    ['on sizes without a whole factor', [96, 68], [65, 46], true, 1],
    ['with a wide erosion', [48, 34], [48, 34], false, 4],
  ] as const)('%s are those of numpy, pixel by pixel', (_, [sw, sh], [dw, dh], isFloat, erosionPx) => {
    for (let seed = 1; seed <= 2; seed++) {
      const { masks, instances } = randomPixelMasks(7, seed, { widthPx: sw, heightPx: sh });
      const made: Case = {
        masks,
        instances,
        source: { widthPx: sw, heightPx: sh },
        picture: randomPicture(seed, dw, dh, isFloat),
        camera: cameraOf(dw, dh),
        sourceCamera: null,
        options: { ...options, erosionPx, outlierFactor: 2 },
      };
      expectLikeNumpy(measure(made), made);
    }
  });

  it('of a picture that shows another part than the depth picture, through both cameras', () => {
    const { masks, instances } = randomPixelMasks(6, 3, { widthPx: 96, heightPx: 54 });
    const made: Case = {
      masks,
      instances,
      source: { widthPx: 96, heightPx: 54 },
      picture: randomPicture(9, 64, 48, false),
      camera: cameraOf(64, 48),
      sourceCamera: { frameId: '', widthPx: 96, heightPx: 54, fx: 71.3, fy: 70.9, cx: 50.13, cy: 24.77 },
      options,
    };
    expectLikeNumpy(measure(made), made);
  });
});

/** One mask over all of the picture. */
function wholePicture(picture: DepthPicture, camera: Pinhole, changed: Partial<DepthOptions> = {}): Case {
  const { widthPx, heightPx } = picture;
  const masks = [new Uint8Array(widthPx * heightPx).fill(1)];
  return {
    masks,
    instances: instancesOf(masks, widthPx, [3]),
    source: { widthPx, heightPx },
    picture,
    camera,
    sourceCamera: null,
    options: { ...options, ...changed },
  };
}

/** A depth picture of what each ray hits first; `hit` tells z of a ray through (x, y, 1). */
function rendered(camera: Pinhole, hit: (x: number, y: number) => number): DepthPicture {
  const { widthPx, heightPx, fx, fy, cx, cy } = camera;
  const values = Float32Array.from({ length: widthPx * heightPx }, (_, at) =>
    hit(((at % widthPx) - cx) / fx, (Math.floor(at / widthPx) - cy) / fy),
  );
  return { widthPx, heightPx, stampNs: 0n, frameId: 'optical', unitM: 1, values };
}

describe('scenes of exact depth', () => {
  const camera = cameraOf(200, 150);

  it('a wall is where it is, as wide as the picture sees it', () => {
    const depths = measure(
      wholePicture(
        rendered(camera, () => 2),
        camera,
      ),
    );
    expect(depths.mediansM[0]).toBe(2);
    expect(depths.madsM[0]).toBe(0);
    expect(depths.positionsM[2]).toBe(2);
    expect([...depths.extentsM]).toEqual([
      expect.closeTo((2 * 199) / camera.fx, 5),
      expect.closeTo((2 * 149) / camera.fy, 5),
      0,
    ]);
  });

  it('a ball before a wall: the points lie on the ball, its near side at the front of the box', () => {
    const [bx, by, bz, radius] = [0.3, -0.2, 3, 0.4];
    const ballZ = (x: number, y: number) => {
      const a = x * x + y * y + 1;
      const b = x * bx + y * by + bz;
      const root = b * b - a * (bx * bx + by * by + bz * bz - radius * radius);
      return root < 0 ? null : (b - Math.sqrt(root)) / a;
    };
    const picture = rendered(camera, (x, y) => ballZ(x, y) ?? 5);
    const whole = wholePicture(picture, camera, { outlierFactor: 100 });
    // The mask has two pixels of the wall all around, as a mask that is too large.
    const mask = Uint8Array.from(picture.values, (z) => (z < 5 ? 1 : 0));
    const { instances } = { instances: instancesOf([mask], camera.widthPx, [3]) };
    const depths = measure({
      ...whole,
      masks: [mask],
      instances,
      options: { ...whole.options, erosionPx: 0 },
    });
    const [x, y] = depths.positionsM;
    const [, , z] = depths.boxCentresM;
    const [width, height, depth] = depths.extentsM;
    expect(x).toBeCloseTo(bx, 1);
    expect(y).toBeCloseTo(by, 1);
    expect(Math.abs(z! - depth! / 2 - (bz - radius))).toBeLessThan(0.02);
    expect(width).toBeGreaterThan(2 * radius - 0.06);
    expect(height).toBeLessThan(2 * radius + 0.02);
    const floats = new Float32Array(depths.cloud!.bytes.buffer);
    for (let at = 0; at < floats.length; at += 7) {
      if (Number.isNaN(floats[at])) continue;
      const distance = Math.hypot(floats[at]! - bx, floats[at + 1]! - by, floats[at + 2]! - bz);
      expect(distance).toBeCloseTo(radius, 4);
    }
  });

  it('depths nearer than a millimetre are holes, in either encoding', () => {
    const wall = rendered(camera, () => 1e-42);
    expect(depthOutcomes[measure(wholePicture(wall, camera)).outcomes[0]!]).toBe('no_depth');
    const below = rendered(camera, () => 0.000999);
    expect(depthOutcomes[measure(wholePicture(below, camera)).outcomes[0]!]).toBe('no_depth');
    const values = new Uint16Array(wall.values.length).fill(1);
    const least = measure(wholePicture({ ...wall, unitM: 0.001, values }, camera));
    expect(depthOutcomes[least.outcomes[0]!]).toBe('located');
    expect(least.positionsM[2]).toBeCloseTo(0.001, 9);
  });

  it('steps of the depth near the median are no outliers, though more than half of it is one plane', () => {
    const picture = rendered(camera, (x) => (x > 0.2 ? 2.015 : 2));
    const depths = measure(wholePicture(picture, camera));
    expect([depths.mediansM[0], depths.madsM[0]]).toEqual([2, 0]);
    expect(depths.extentsM[2]).toBeCloseTo(0.015, 5);
  });

  it('what is seen through a mask, and specks before it, are left out', () => {
    const picture = rendered(camera, (x) => (x > 0.35 ? 6 : 2));
    picture.values[1000] = 0.4;
    const depths = measure(wholePicture(picture, camera));
    expect(depths.mediansM[0]).toBe(2);
    expect([...depths.extentsM][2]).toBe(0);
    expect(labelsOf(depths).filter((label) => label === 1)).toHaveLength(
      picture.values.filter((z) => z === 2).length,
    );
  });
});

describe('an instance without a place', () => {
  const camera = cameraOf(40, 30);
  const wall = rendered(camera, () => 2);
  const outcomeOf = (made: Case) => depthOutcomes[measure(made).outcomes[0]!];

  it.each([
    ['holes', 0],
    ['NaN', Number.NaN],
    ['infinities', Number.POSITIVE_INFINITY],
    ['depths behind the camera', -2],
    ['depths beyond depth.max_m', 51],
  ])('of %s has no depth', (_, z) => {
    const made = wholePicture(
      rendered(camera, () => z),
      camera,
    );
    expect(outcomeOf(made)).toBe('no_depth');
    expect(measure(made).validShares[0]).toBe(0);
  });

  it('is eroded where it is a line, and has no mask where it is empty', () => {
    const line = Uint8Array.from(wall.values, (_, at) => (at % 40 === 20 ? 1 : 0));
    const whole = wholePicture(wall, camera);
    const of = (mask: Uint8Array) => outcomeOf({ ...whole, instances: instancesOf([mask], 40, [0]) });
    expect(of(line)).toBe('eroded');
    expect(of(new Uint8Array(1200))).toBe('no_mask');
  });

  it('has no mask where the depth picture does not reach', () => {
    const far = { ...camera, cx: camera.cx + 500 };
    expect(outcomeOf({ ...wholePicture(wall, camera), sourceCamera: far })).toBe('no_mask');
  });
});

it('a cloud that is not organised has the points of the organised one alone, in their order', () => {
  const { masks, instances } = randomPixelMasks(5, 2);
  const picture = randomPicture(2, 48, 34, false);
  const made = { ...wholePicture(picture, cameraOf(48, 34)), masks, instances };
  const organised = measure(made).cloud!;
  const points = measure({ ...made, options: { ...options, cloud: 'points' } }).cloud!;
  const kept: Buffer[] = [];
  for (let at = 0; at < organised.bytes.length; at += cloudPointBytes) {
    const point = Buffer.from(organised.bytes.subarray(at, at + cloudPointBytes));
    if (!Number.isNaN(point.readFloatLE(0))) kept.push(point);
  }
  expect(kept.length).toBeGreaterThan(100);
  expect(Buffer.compare(Buffer.from(points.bytes), Buffer.concat(kept))).toBe(0);
  expect(points).toMatchObject({ widthPoints: kept.length, heightPoints: 1, isDense: true });
  expect(organised).toMatchObject({ widthPoints: 48, heightPoints: 34, isDense: false });
});
