import { ModelContractError } from '#dist/core/errors.js';
import { type ElementType, packedSpec, type Quantisation, type TensorSpec } from '#dist/core/tensor.js';
import { type HeadHints, type ResolvedHeads, resolveHeads } from '#dist/model/heads.js';
import type { RawHeads } from '#dist/model/rawHeads.js';

const none: Quantisation = { kind: 'none' };

export function perChannel(count: number, axis = 3): Quantisation {
  return {
    kind: 'scale',
    quantScales: new Float32Array(count).fill(1e-4),
    zeroPoints: new Int32Array(0),
    axis,
  };
}

export interface Form {
  readonly widthPx?: number;
  readonly heightPx?: number;
  readonly classCount?: number;
  readonly regMax?: number;
  readonly coefCount?: number;
  readonly boxType?: ElementType;
  readonly coefType?: ElementType;
  readonly names?: boolean;
}

/** Ten specs in the seed's order. */
export function tenHeads(form: Form = {}): TensorSpec[] {
  const { widthPx = 640, heightPx = 640, classCount = 80, regMax = 16, coefCount = 32 } = form;
  const quantised = (type: ElementType, channels: number) => (type === 'f32' ? none : perChannel(channels));
  const head = (branch: string, channels: number, type: ElementType) =>
    [8, 16, 32].map((step, index) => {
      const name =
        form.names === true
          ? `/model.22/${branch}.${index}/${branch}.${index}.2/Conv`
          : `${step * 10 + channels}`;
      return packedSpec(
        name,
        [1, heightPx / step, widthPx / step, channels],
        type,
        quantised(type, channels),
      );
    });
  return [
    ...head('cv4', coefCount, form.coefType ?? 'f32'),
    ...head('cv2', 4 * regMax, form.boxType ?? 'f32'),
    ...head('cv3', classCount, 'f32'),
    packedSpec('347', [1, heightPx / 4, widthPx / 4, coefCount]),
  ];
}

export function resolve(
  outputs: readonly TensorSpec[],
  form: Form = {},
  hints: HeadHints = {},
): ResolvedHeads {
  return resolveHeads(outputs, { widthPx: form.widthPx ?? 640, heightPx: form.heightPx ?? 640 }, hints);
}

export function raw(heads: ResolvedHeads): RawHeads {
  if (heads.kind !== 'raw') throw new Error('resolved as a stock export');
  return heads;
}

/** Output names by meaning. */
export function roles(heads: ResolvedHeads): object {
  const { levels, proto } = raw(heads);
  return {
    levels: levels.map(({ cls, box, coef }) => [cls.spec.name, box.spec.name, coef.spec.name]),
    proto: proto.spec.name,
  };
}

export function refusal(run: () => unknown): ModelContractError {
  try {
    run();
  } catch (error) {
    if (error instanceof ModelContractError) return error;
    throw error;
  }
  throw new Error('was accepted');
}

export function shuffled<T>(items: readonly T[], seed: number): T[] {
  const result = [...items];
  let state = seed;
  for (let at = result.length - 1; at > 0; at--) {
    state = (state * 48271) % 2147483647;
    const other = state % (at + 1);
    [result[at], result[other]] = [result[other], result[at]];
  }
  return result;
}
