import { Command, Option } from 'commander';
import { readOnnxFileInfo } from '../../backends/onnx/modelFile.js';
import { ConfigError } from '../../core/errors.js';
import { layTable } from '../../core/table.js';
import { type CutModel, cutHeads, type HeadOrder, headOrders } from '../../toolchain/onnx/cutHeads.js';
import { checkOnnxSize } from '../../backends/onnx/graph/onnxFile.js';
import { shellQuote } from '../../toolchain/text/shell.js';
import { calledAs } from '../calledAs.js';
import { forceOption, refuseSameFile, writeNewFiles } from './overwrite.js';

interface Flags {
  readonly output?: string;
  readonly order: HeadOrder;
  readonly anyOpset: boolean;
  readonly force: boolean;
}

function report(input: string, output: string, cut: CutModel): string {
  const relabelled =
    cut.opsetAfter === cut.opsetBefore
      ? `opset ${cut.opsetAfter}`
      : `opset ${cut.opsetBefore} written as ${cut.opsetAfter} (every operator left has its form and means the same)`;
  const checked =
    cut.worstDifference === null
      ? 'it had raw heads already; they are unchanged'
      : `made-up heads decode as the export decodes them, largest difference ${cut.worstDifference.toExponential(1)}`;
  const command = calledAs();
  const next = cut.isVendorForm
    ? `next: ${command} model calib for pictures to calibrate with, then ${command} model ptq ${shellQuote(output)}`
    : `for ONNX Runtime only, hb_mapper does not read opset ${cut.opsetAfter}; next: ${command} node --ros-args -p model.path:=${shellQuote(output)}`;
  const leftOut = cut.leftOut.length === 0 ? [] : [`left out: ${cut.leftOut.join(', ')}`];
  return [
    `${output}: ${cut.form}`,
    ...layTable(cut.outputs.map(({ name, dims, from }) => [name, `[${dims.join(', ')}]  from ${from}`])),
    ...leftOut,
    ...cut.changes,
    `${cut.nodesAfter} of ${cut.nodesBefore} nodes of ${input} are left; ${relabelled}`,
    checked,
    ...(cut.missingInCompiled === null ? [] : [cut.missingInCompiled]),
    next,
  ].join('\n');
}

/** `rdk-yolo-seg model heads`: a stock ONNX export cut down to the ten raw outputs the node decodes. */
export function headsCommand(): Command {
  return new Command('heads')
    .summary('cut a stock YOLO segmentation export down to its raw heads')
    .argument('<model>', 'ONNX file as Ultralytics exports it, best with opset=11')
    .option('-o, --output <file>', 'ONNX file to write (required)')
    .addOption(
      new Option(
        '--order <order>',
        'order of the outputs: coefficients, boxes, classes (seed), or per level classes, box, coefficients (zoo)',
      )
        .choices([...headOrders])
        .default('seed'),
    )
    .option('--any-opset', "write opsets other than hb_mapper's 10 and 11 too", false)
    .addOption(forceOption())
    .action(async (input: string, { output, order, anyOpset, force }: Flags) => {
      // Weights of PyTorch and other files are named first: no output would help them.
      readOnnxFileInfo(input);
      if (output === undefined) {
        throw new ConfigError('arguments', '-o, --output is needed: the ONNX file to write', {});
      }
      await refuseSameFile(input, output);
      const cut = await cutHeads(input, { order, anyOpset });
      checkOnnxSize(output, cut.bytes);
      await writeNewFiles([{ path: output, content: cut.bytes }], force);
      console.log(report(input, output, cut));
    });
}
