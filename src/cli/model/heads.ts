import { Command, Option } from 'commander';
import { type CutModel, cutHeads, type HeadOrder, headOrders } from '../../toolchain/onnx/cutHeads.js';
import { writeOnnxFile } from '../../toolchain/onnx/onnxFile.js';
import { refuseSameFile } from './sameFile.js';

interface Flags {
  readonly output: string;
  readonly order: HeadOrder;
  readonly anyOpset: boolean;
}

function report(input: string, output: string, cut: CutModel): string {
  const width = Math.max(...cut.outputs.map(({ name }) => name.length));
  const relabelled =
    cut.opsetAfter === cut.opsetBefore
      ? `opset ${cut.opsetAfter}`
      : `opset ${cut.opsetBefore} written as ${cut.opsetAfter} (every operator left is the same in both)`;
  const leftOut = cut.leftOut.length === 0 ? [] : [`left out: ${cut.leftOut.join(', ')}`];
  return [
    `${output}: ${cut.form}`,
    ...cut.outputs.map(
      ({ name, dims, from }) => `  ${name.padEnd(width)}  [${dims.join(', ')}]  from ${from}`,
    ),
    ...leftOut,
    `${cut.nodesAfter} of ${cut.nodesBefore} nodes of ${input} are left; ${relabelled}`,
    `made-up heads decode as the export decodes them, largest difference ${cut.worstDifference.toExponential(1)}`,
    `next: rdk-yolo-seg model calib for pictures to calibrate with, then rdk-yolo-seg model ptq ${output}`,
  ].join('\n');
}

/** `rdk-yolo-seg model heads`: a stock ONNX export cut down to the ten raw outputs the node decodes. */
export function headsCommand(): Command {
  return new Command('heads')
    .summary('cut a stock YOLO segmentation export down to its raw heads')
    .argument('<model>', 'ONNX file as Ultralytics exports it, best with opset=11')
    .requiredOption('-o, --output <file>', 'ONNX file to write')
    .addOption(
      new Option(
        '--order <order>',
        'order of the outputs: coefficients, boxes, classes (seed), or per level classes, box, coefficients (zoo)',
      )
        .choices([...headOrders])
        .default('seed'),
    )
    .option('--any-opset', "write opsets other than hb_mapper's 10 and 11 too", false)
    .action(async (input: string, { output, order, anyOpset }: Flags) => {
      await refuseSameFile(input, output);
      const cut = await cutHeads(input, { order, anyOpset });
      await writeOnnxFile(output, cut.bytes);
      console.log(report(input, output, cut));
    });
}
