// Ours beside what others use, on the same tensors and pictures, each checked to find or make the same before it is timed; and
// the node's rates in the form of isaac_ros_benchmark. Called by `npm run bench -- field`; needs RDK_YOLO_SEG_DATA, ROS 2 and,
// once, the Python package index.
import { pictureRows } from './field/pictures.mjs';
import { postprocessRows } from './field/postprocess.mjs';
import { ensureFieldPython } from './field/python.mjs';
import { rateRows } from './field/rates.mjs';
import { imageRows } from './inputs.mjs';

/** Rows of each part, with columns of its own. */
export async function run() {
  const python = await ensureFieldPython();
  return [
    ...(await postprocessRows(python)),
    ...(await pictureRows(python)),
    ...(await imageRows()),
    ...(await rateRows()),
  ];
}
