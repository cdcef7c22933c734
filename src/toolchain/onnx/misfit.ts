import type { TensorSpec } from '../../core/tensor.js';

/** What a model whose outputs are no stock segmentation export probably is; empty if nothing known fits. */
export function guessMisfit(outputs: readonly TensorSpec[], cellCount: number): string {
  const shapes = outputs.map(({ dims }) => dims);
  const proto = shapes.find((dims) => dims.length === 4);
  const rows = shapes.find((dims) => dims.length === 3);
  if (rows !== undefined && proto !== undefined && rows[2] === 6 + proto[1]!) {
    return 'it looks like an export with NMS inside (nms=True or end to end); export it without';
  }
  if (rows !== undefined && proto === undefined && rows.includes(cellCount)) {
    return 'it looks like a detection or pose model: there is no mask prototype';
  }
  if (shapes.length === 1 && shapes[0]!.length === 2) return 'it looks like a classification model';
  return '';
}
