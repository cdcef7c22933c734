import { readOnnxFile } from '../../backends/onnx/graph/onnxFile.js';
import type { InputRange } from '../../backends/onnx/inputRange.js';
import type { ReadManifest } from '../../backends/manifestFile.js';
import { OnnxModel } from '../../backends/onnx/model.js';
import { ConfigError, ModelContractError } from '../../core/errors.js';
import { nearestNames } from '../../core/words.js';
import type { SplitHeads } from '../../model/splitHeads.js';
import { checkVendorForm } from './opset.js';
import { missingInCompiled, resolveModel } from './outputHeads.js';

/** A model with raw heads, as hb_mapper and the node take it. */
export interface RawModel {
  readonly inputName: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly inputRange: InputRange;
  readonly nodeNames: ReadonlySet<string>;
  readonly heads: SplitHeads;
  /** One line, as the node logs it. */
  readonly form: string;
  /** Of the manifest or the metadata; null where nobody gives names. */
  readonly classNames: readonly string[] | null;
  readonly missingInCompiled: string | null;
}

/**
 * Reads a model with the manifest beside it, unless another is given.
 *
 * Throws ModelContractError for a model hb_mapper or the node cannot take.
 */
export async function checkRawModel(path: string, manifest?: ReadManifest): Promise<RawModel> {
  const file = await readOnnxFile(path);
  const model = await OnnxModel.open(path, 0);
  try {
    const { heads, classNames } = resolveModel(path, model, manifest);
    if (heads.kind !== 'split') {
      throw new ModelContractError(
        'ptq_stock',
        `model ${path} is a ${heads.form}; its decoding would run on the CPU: cut it first with \`model heads\``,
        { path },
      );
    }
    checkVendorForm(path, file);
    const { inputName, inputWidthPx: widthPx, inputHeightPx: heightPx, inputRange, nodeNames } = model;
    return {
      inputName,
      widthPx,
      heightPx,
      inputRange,
      nodeNames: new Set(nodeNames),
      heads,
      form: heads.form,
      classNames,
      missingInCompiled: missingInCompiled(heads),
    };
  } finally {
    await model.close();
  }
}

/** Throws ConfigError `arguments` for nodes that the graph does not have, with those that may be meant. */
export function checkBpuNodes(wanted: readonly string[], known: ReadonlySet<string>): void {
  const unknown = wanted.filter((name) => !known.has(name));
  if (unknown.length === 0) return;
  const lines = unknown.map((name) => {
    const near = nearestNames(name, known).slice(0, 3).join(', ');
    return near === '' ? `  ${name}` : `  ${name}; the nearest are ${near}`;
  });
  throw new ConfigError(
    'arguments',
    `--on-bpu names nodes that the model does not have:\n${lines.join('\n')}`,
    {
      unknown,
    },
  );
}
