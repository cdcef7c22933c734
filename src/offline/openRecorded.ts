import { wholePicture } from '../camera/pictureFolder.js';
import type { ModelInfo, YuvRange } from '../core/ports.js';
import { openInput } from './openInput.js';

/** Opens pictures as recordings of a model know them: as the frames of NV12 that they were made of. */
function openRecorded(yuvRange: YuvRange): typeof openInput {
  return async (input, names, place) => {
    if (input.kind !== 'picture') return openInput(input, names, place);
    const { path, name } = input;
    await place.takeFile(await input.sizeBytes());
    const { widthPx, heightPx, toNv12 } = await wholePicture(await input.read(), path);
    const frame = {
      kind: 'nv12',
      path,
      name,
      frame: 0,
      widthPx,
      heightPx,
      read: () => toNv12(yuvRange),
      giveBack: () => {},
    } as const;
    return openInput(frame, names, place);
  };
}

/** How inputs are opened for a model: as the node takes them from a camera of their kind, but where it is a recording of tensors. */
export function openingFor({ backend }: ModelInfo, yuvRange: YuvRange): typeof openInput {
  return backend === 'replay' ? openRecorded(yuvRange) : openInput;
}
