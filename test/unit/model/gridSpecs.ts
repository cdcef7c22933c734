import { type ElementType, packedSpec, type TensorSpec } from '#dist/core/tensor.js';

export const sizePx = 640;
const steps = [8, 16, 32];

/** A packed tensor of floats, or of integers with one scale. */
export function spec(name: string, dims: readonly number[], type: ElementType = 'f32'): TensorSpec {
  const scale = {
    kind: 'scale',
    quantScales: Float32Array.of(1e-4),
    zeroPoints: new Int32Array(0),
    axis: 3,
  } as const;
  return packedSpec(name, dims, type, type === 'f32' ? { kind: 'none' } : scale);
}

const grid = (name: string, step: number, channels: number) =>
  spec(name, [1, sizePx / step, sizePx / step, channels]);
const letters = 'abcd';

/** Heads of so many channels, side by side for each level: o8_a, o8_b, ... o16_a, ... */
export function byLevel(channels: readonly number[], levels: readonly number[] = steps): TensorSpec[] {
  return levels.flatMap((step) => channels.map((count, at) => grid(`o${step}_${letters[at]}`, step, count)));
}

/** The same with the levels side by side for each kind of head: o8_a, o16_a, ... o8_b, ... */
export function byRole(channels: readonly number[]): TensorSpec[] {
  return channels.flatMap((count, at) => steps.map((step) => grid(`o${step}_${letters[at]}`, step, count)));
}

export const proto = (channels = 32) => grid('p', 4, channels);
