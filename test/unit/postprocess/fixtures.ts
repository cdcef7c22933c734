import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { LetterboxGeometry } from '#dist/core/geometry.js';
import { elementBytes, packedSpec, tensorArrays, type TensorView } from '#dist/core/tensor.js';

const folder = new URL('../../fixtures/postprocess/', import.meta.url);

interface FixtureFile {
  readonly tensors: readonly {
    readonly name: string;
    readonly type: 'f32' | 's32' | 's16';
    readonly dims: readonly number[];
    readonly scales: readonly number[] | null;
  }[];
  readonly source: { readonly width: number; readonly height: number };
  readonly letterbox: { readonly scale: number; readonly left: number; readonly top: number };
  readonly options: { readonly conf: number; readonly iou: number };
  readonly detections: readonly {
    readonly class: number;
    readonly score: number;
    readonly box: readonly number[];
    /** Column-major run lengths, outside first. */
    readonly counts: readonly number[];
  }[];
  readonly candidates: { readonly cells: readonly number[]; readonly kept: readonly number[] } | null;
}

export interface Golden extends FixtureFile {
  readonly views: readonly TensorView[];
  readonly geometry: LetterboxGeometry;
}

export const goldenNames = ['wide-float', 'wide-int', 'hd-int', 'portrait-int'] as const;

/** A picture's tensors at 320x320 and what the demo model's own numpy decoder makes of them. */
export function loadGolden(name: (typeof goldenNames)[number]): Golden {
  const file = JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8')) as FixtureFile;
  const bytes = gunzipSync(readFileSync(new URL(`${name}.bin.gz`, folder)));
  let start = 0;
  const views = file.tensors.map(({ name, type, dims, scales }): TensorView => {
    const count = dims.reduce((product, size) => product * size, 1);
    const width = elementBytes[type];
    const joined = new Uint8Array(count * width);
    for (let byte = 0; byte < width; byte++) {
      for (let at = 0; at < count; at++) joined[at * width + byte] = bytes[start + byte * count + at];
    }
    start += joined.length;
    return {
      spec: packedSpec(
        name,
        dims,
        type,
        scales === null
          ? { kind: 'none' }
          : {
              kind: 'scale',
              quantScales: Float32Array.from(scales),
              zeroPoints: new Int32Array(0),
              axis: 3,
            },
      ),
      data: new tensorArrays[type](joined.buffer),
    };
  });
  const { scale, left, top } = file.letterbox;
  const geometry: LetterboxGeometry = {
    sourceWidthPx: file.source.width,
    sourceHeightPx: file.source.height,
    modelWidthPx: 320,
    modelHeightPx: 320,
    contentWidthPx: file.source.width * scale,
    contentHeightPx: file.source.height * scale,
    region: { xPx: 0, yPx: 0, widthPx: file.source.width, heightPx: file.source.height },
    padXPx: left,
    padYPx: top,
    originXPx: left,
    originYPx: top,
    gainX: scale,
    gainY: scale,
  };
  return { ...file, views, geometry };
}
