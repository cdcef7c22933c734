import { ConfigError } from '../../core/errors.js';
import type { ElementType } from '../../core/tensor.js';
import { readLogLines } from '../text/logLines.js';

/** An input or output of a compiled model as hb_model_info lists it. */
export interface GraphInfoTensor {
  readonly name: string;
  /** As the tool names it: `FLOAT`, or another of `graphElementTypes`, or one that nobody here reads. */
  readonly type: string;
  readonly dims: readonly number[];
}

/** Inputs and outputs of a compiled model. */
export interface GraphInfo {
  /** What the picture is given as at run time, such as `nv12`; null where the tool does not say. */
  readonly inputForm: string | null;
  readonly inputs: readonly GraphInfoTensor[];
  readonly outputs: readonly GraphInfoTensor[];
}

/** The types of outputs that post-processing reads, as hb_model_info names them. */
export const graphElementTypes: Readonly<Record<string, ElementType>> = {
  FLOAT: 'f32',
  INT32: 's32',
  INT16: 's16',
  INT8: 's8',
};

/** Names in quotes, each followed by its type and one line per dimension. */
function readTensors(lines: readonly string[]): GraphInfoTensor[] {
  const tensors: { name: string; type: string; dims: number[] }[] = [];
  for (const line of lines) {
    const [, key, value] = /^\s*(name|elem_type|dim): (.+)$/.exec(line) ?? [];
    if (key === 'name') tensors.push({ name: value!.replace(/^"|"$/g, ''), type: '', dims: [] });
    const tensor = tensors.at(-1);
    if (tensor === undefined) continue;
    if (key === 'elem_type') tensor.type = value!;
    if (key === 'dim') tensor.dims.push(Number(value));
  }
  return tensors;
}

/**
 * Inputs and outputs of the graph in the log of hb_model_info. They are those of the model as it is; what the tool prints
 * before the graph is of the time when it was compiled.
 *
 * Throws ConfigError `no_graph_info`.
 */
export function readGraphInfo(text: string, path: string): GraphInfo {
  const lines = readLogLines(text).map((line) => line.text);
  const headingOf = (title: string) => lines.findLastIndex((line) => /^-+(\w+)-+$/.exec(line)?.[1] === title);
  const [input, output, node] = [headingOf('input'), headingOf('output'), headingOf('node')] as const;
  if (input < 0 || output < input || node < output) {
    throw new ConfigError('no_graph_info', `${path} has no inputs and outputs of a graph`, { path });
  }
  const forms = lines.flatMap((line) => /^input_type_rt\s*: (\S+)$/.exec(line)?.[1] ?? []);
  return {
    inputForm: forms[0] ?? null,
    inputs: readTensors(lines.slice(input, output)),
    outputs: readTensors(lines.slice(output, node)),
  };
}
