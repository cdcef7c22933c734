import { readFileSync } from 'node:fs';
import { frameLayout } from '#dist/backends/replay/frameLayout.js';
import type { Recording } from '#dist/backends/replay/recording.js';
import { framePath } from '#dist/backends/replay/recordingFile.js';
import { tensorArrays, type TensorView } from '#dist/core/tensor.js';

/** All outputs of one input of a recording without padding. */
export function recordedTensors(path: string, { outputs }: Recording, hash: string): TensorView[] {
  const { buffer, byteOffset } = readFileSync(framePath(path, hash));
  const { offsetsBytes } = frameLayout(outputs);
  return outputs.map((spec, index) => {
    const count = spec.dims.reduce((product, dim) => product * dim, 1);
    const bytes = buffer.slice(byteOffset + offsetsBytes[index]!);
    return { spec, data: new tensorArrays[spec.type](bytes, 0, count) };
  });
}
