import { expect, it } from 'vitest';
import { precisionMissed, typeCounts } from '#dist/toolchain/compile/precisionTaken.js';
import { readNodeTable } from '#dist/toolchain/logs/nodeTable.js';
import { readLogLines } from '#dist/toolchain/text/logLines.js';
import { isPutOnBpu } from '#dist/toolchain/ptq/precision.js';

/** Rows as hb_mapper 1.24.3 prints them. */
const nodes = readNodeTable(
  readLogLines(`
Node                                                ON   Subgraph  Type                    Cosine Similarity  Threshold  DataType
----------------------------------------------------------------------------------------------------------------------------------
/model.0/conv/Conv                                  BPU  id(0)     HzSQuantizedConv        0.999417           1.10812    int8
/model.0/act/Mul                                    BPU  id(0)     HzLut2Layer             0.999238           5.49789    int16
...max_32/Softmax_reducemax_FROM_QUANTIZED_SOFTMAX  BPU  id(0)     HzQuantizedReduceMax    0.999991           0.218369   int16
/Softmax_32/Softmax_sub_FROM_QUANTIZED_SOFTMAX      BPU  id(0)     HzSElementwiseSub       0.986351           0.218369   int16
/model.11/Resize                                    BPU  id(0)     HzQuantizedResizeUpsample 0.999            1.0        int8
/Odd                                                CPU  --        Odd                     1.000000           --         float
`),
);

it('nodes that were to be int16 and are not', () => {
  const named = ['/model.0/act/Mul', '/Softmax_32/Softmax', '/model.11/Resize', '/Odd', '/model.9/gone'];
  expect(precisionMissed(nodes, { int16Nodes: named, optimization: [] })).toEqual([
    '/model.11/Resize was to be int16: it is int8 on the BPU',
    '/Odd was to be int16: it is float on the CPU',
    '/model.9/gone was to be int16: it is not in the table of the compiled graph',
  ]);
  expect(precisionMissed(nodes, { int16Nodes: [], optimization: ['set_all_nodes_int16'] })).toEqual([
    'set_all_nodes_int16: 2 nodes stayed int8 (HzSQuantizedConv, HzQuantizedResizeUpsample)',
  ]);
  expect(precisionMissed(nodes, { int16Nodes: [], optimization: [] })).toEqual([]);
  expect(typeCounts(nodes)).toBe('2 int8, 3 int16');
});

it.each([
  [{ int16Nodes: ['/a/Softmax'], optimization: [] }, true],
  [{ int16Nodes: [], optimization: ['bias_correction', 'set_Softmax_input_int8'] }, true],
  [{ int16Nodes: [], optimization: ['quantize_softmax'] }, true],
  [{ int16Nodes: [], optimization: ['set_all_nodes_int16'] }, true],
  [{ int16Nodes: ['/b/Softmax'], optimization: ['set_Conv_input_int8', 'set_model_output_int16'] }, false],
])('a Softmax that hb_mapper checker gives to the CPU, with %o', (precision, isOnBpu) => {
  expect(isPutOnBpu(precision, { name: '/a/Softmax', type: 'Softmax' })).toBe(isOnBpu);
});
