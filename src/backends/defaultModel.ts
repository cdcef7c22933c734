import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** YOLOv8n-seg on COCO as the RDK X5's system image brings it, without class names. */
export const boardModelPath = '/opt/hobot/model/x5/basic/yolov8_seg_640x640_nv12.bin';
const demoModelPath = fileURLToPath(new URL('../../assets/models/shapes-seg.onnx', import.meta.url));

/** The model that is taken where none is named. */
export interface DefaultModel {
  readonly path: string;
  /** Why this one, for the log. */
  readonly why: string;
}

/**
 * The model that `model.path: auto` stands for: the board's own where its file is there, the bundled demo model
 * elsewhere. A backend named by the user decides which of them may be taken.
 *
 * Whether the BPU can be used is found out by opening: a board that cannot must say so, not show made-up shapes.
 */
export function chooseDefaultModel(backend: string, boardPath = boardModelPath): DefaultModel {
  if (backend === 'bpu') return { path: boardPath, why: 'backend.name is bpu' };
  if (backend !== 'auto') return { path: demoModelPath, why: `backend.name is ${backend}` };
  return existsSync(boardPath)
    ? { path: boardPath, why: "the board's own" }
    : { path: demoModelPath, why: `there is no ${boardPath}` };
}
