// Resizing in float64, from the definitions alone.

interface Weighted {
  readonly index: number;
  readonly weight: number;
}

/** A plane with interleaved channels. */
export interface Plane {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly channels: number;
  readonly values: ArrayLike<number>;
}

/** The pixels around the centre of a target pixel; pixel centres at halves, the outermost pixels go on. */
function linearWeights(index: number, sourcePx: number, targetPx: number): readonly Weighted[] {
  const centre = ((index + 0.5) * sourcePx) / targetPx - 0.5;
  const left = Math.floor(centre);
  const inside = (pixel: number) => Math.min(Math.max(pixel, 0), sourcePx - 1);
  return [
    { index: inside(left), weight: left + 1 - centre },
    { index: inside(left + 1), weight: centre - left },
  ];
}

/** All pixels that lie in a target pixel, by how much of them does. */
function areaWeights(index: number, sourcePx: number, targetPx: number): readonly Weighted[] {
  const start = (index * sourcePx) / targetPx;
  const end = ((index + 1) * sourcePx) / targetPx;
  const weights: Weighted[] = [];
  for (let pixel = Math.floor(start); pixel < Math.min(Math.ceil(end), sourcePx); pixel++) {
    const overlap = Math.min(pixel + 1, end) - Math.max(pixel, start);
    weights.push({ index: pixel, weight: overlap / (end - start) });
  }
  return weights;
}

/** Every channel of the resized plane, not rounded. */
export function resizeReference(
  source: Plane,
  widthPx: number,
  heightPx: number,
  filter: 'bilinear' | 'box',
): Float64Array {
  const weightsOf = filter === 'box' ? areaWeights : linearWeights;
  const { channels } = source;
  const columns = Array.from({ length: widthPx }, (_, x) => weightsOf(x, source.widthPx, widthPx));
  const target = new Float64Array(widthPx * heightPx * channels);
  const row = new Float64Array(source.widthPx * channels);
  for (let y = 0; y < heightPx; y++) {
    row.fill(0);
    for (const { index, weight } of weightsOf(y, source.heightPx, heightPx)) {
      const start = index * row.length;
      for (let i = 0; i < row.length; i++) row[i]! += weight * source.values[start + i]!;
    }
    for (let x = 0; x < widthPx; x++) {
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0;
        for (const { index, weight } of columns[x]!) sum += weight * row[index * channels + channel]!;
        target[(y * widthPx + x) * channels + channel] = sum;
      }
    }
  }
  return target;
}

/** BT.601: [red, green, blue] in levels, neither rounded nor clipped. */
export function rgbReference(
  y: number,
  u: number,
  v: number,
  range: 'full' | 'limited',
): readonly [number, number, number] {
  const isFull = range === 'full';
  const luma = isFull ? y : ((y - 16) * 255) / 219;
  const [cb, cr] = [u - 128, v - 128].map((chroma) => (isFull ? chroma : (chroma * 255) / 224)) as [
    number,
    number,
  ];
  const red = luma + 1.402 * cr;
  const blue = luma + 1.772 * cb;
  return [red, (luma - 0.299 * red - 0.114 * blue) / 0.587, blue];
}
