import { basename } from 'node:path';
import { OnnxModel } from '#dist/backends/onnx/model.js';
import {
  type RecordRequest,
  type RecordSummary,
  recordTensors,
} from '#dist/backends/replay/recordTensors.js';
import { sessionOptions } from './backendContract.js';
import type { Nv12Picture } from '../support/frames.js';

/** Records what the model makes of these pictures, prepared as `sessionOptions` has it. */
export async function record(
  modelPath: string,
  path: string,
  pictures: readonly Nv12Picture[],
  changes: Partial<RecordRequest> = {},
): Promise<RecordSummary> {
  const model = await OnnxModel.open(modelPath, 2);
  try {
    return await recordTensors({
      path,
      model,
      modelName: basename(modelPath),
      scales: {},
      form: 'rgb',
      preprocess: sessionOptions(path).preprocess,
      pictures: pictures.map(({ widthPx, heightPx, bytes }, index) => ({
        name: `picture ${index}`,
        widthPx,
        heightPx,
        nv12: bytes,
      })),
      ...changes,
    });
  } finally {
    await model.close();
  }
}
