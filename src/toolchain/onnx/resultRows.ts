import type { GraphIndex } from '../../backends/onnx/graph/graphIndex.js';
import type { OnnxGraphModel } from '../../backends/onnx/graph/onnxFile.js';
import { ModelContractError } from '../../core/errors.js';
import { packedSpec } from '../../core/tensor.js';
import type { ResultHeads } from '../../model/resultHeads.js';
import { pyramidsOn } from '../../model/pyramid.js';
import { decodedRowOf } from '../../model/rowLayout.js';
import { resolveStockHeads, type StockHeads } from '../../model/stockHeads.js';
import { formsOf } from './headTensors.js';

/** Tensors between the heads' convolutions and the output, in the graph's order. */
function decodedTensors(index: GraphIndex, output: string): string[] {
  const seen = new Set<string>();
  const open = [output];
  while (open.length > 0) {
    const name = open.pop()!;
    const node = index.producerOf(name);
    if (node === undefined || node.opType === 'Conv' || seen.has(name)) continue;
    seen.add(name);
    open.push(...node.input);
  }
  return index.graph.node.flatMap(({ output: made }) => made.filter((name) => seen.has(name)));
}

/**
 * The rows of all cells, of which an end-to-end export takes the best for its finished results, as if they were the
 * export's output. Their boxes are corners.
 *
 * Throws ModelContractError `result_rows` if the graph has no such tensor.
 */
export async function rowsBehindResults(
  model: OnnxGraphModel,
  index: GraphIndex,
  results: ResultHeads,
): Promise<StockHeads> {
  const { inputWidthPx: widthPx, inputHeightPx: heightPx, classCount, coefCount, rows, proto } = results;
  const size = { widthPx, heightPx };
  const cellCounts = pyramidsOn(size).map(({ cellCount }) => cellCount);
  const features = decodedRowOf(classCount, coefCount).valueCount;
  const wanted = new Set(cellCounts.flatMap((cells) => [`1,${features},${cells}`, `1,${cells},${features}`]));
  const forms = await formsOf(model, index, decodedTensors(index, rows.spec.name));
  for (const [name, { dims }] of forms) {
    if (!wanted.has(dims.join())) continue;
    const outputs = [packedSpec(name, dims), proto.spec];
    return resolveStockHeads(outputs, size, { classCount, oneToOne: undefined, aliases: undefined });
  }
  throw new ModelContractError(
    'result_rows',
    `behind the finished results ${rows.spec.name} no tensor has the rows of all cells (${cellCounts.join(', or ')}) with 4 + ${classCount} + ${coefCount} values: export without NMS inside (nms=None, end2end=False)`,
    { cellCounts, features },
  );
}
