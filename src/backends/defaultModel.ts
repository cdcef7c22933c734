import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describeError } from '../core/errors.js';
import { probeLibrary } from '../native/bpu.js';

/** YOLOv8n-seg on COCO as the RDK X5's system image brings it. */
const boardModelPath = '/opt/hobot/model/x5/basic/yolov8_seg_640x640_nv12.bin';
const demoModelPath = fileURLToPath(new URL('../../assets/models/shapes-seg.onnx', import.meta.url));

export interface DefaultModel {
  readonly path: string;
  /** Why this one, for the log. */
  readonly why: string;
}

/**
 * The model that `model.path: auto` stands for: the board's own where its file and the BPU's library are there, the
 * bundled demo model elsewhere. A backend named by the user decides which of them may be taken.
 */
export function chooseDefaultModel(
  backend: string,
  dnnLibrary: string,
  boardPath = boardModelPath,
): DefaultModel {
  if (backend === 'bpu') return { path: boardPath, why: 'backend.name is bpu' };
  if (backend !== 'auto') return { path: demoModelPath, why: `backend.name is ${backend}` };
  if (!existsSync(boardPath)) return { path: demoModelPath, why: `there is no ${boardPath}` };
  try {
    const { path, version } = probeLibrary(dnnLibrary);
    return { path: boardPath, why: `found beside ${path} ${version}` };
  } catch (error) {
    return { path: demoModelPath, why: `the BPU cannot be used: ${describeError(error)}` };
  }
}
