import { readOnnxFile } from '../../backends/onnx/graph/onnxFile.js';
import type { InputRange } from '../../backends/onnx/inputRange.js';
import type { LoadedManifest } from '../../backends/manifestFile.js';
import { OnnxModel } from '../../backends/onnx/model.js';
import { ModelContractError } from '../../core/errors.js';
import type { RawHeads } from '../../model/rawHeads.js';
import { type MapperNode, mapperNodes } from './mapperNodes.js';
import { missingInCompiled, resolveModel } from './outputHeads.js';
import { checkVendorForm } from './vendorForm.js';

/** A model with raw heads, as hb_mapper and the node take it. */
export interface RawModel {
  readonly inputName: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly inputRange: InputRange;
  /** By name, as hb_mapper's settings find them. */
  readonly nodes: ReadonlyMap<string, MapperNode>;
  readonly heads: RawHeads;
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
export async function checkRawModel(path: string, manifest?: LoadedManifest): Promise<RawModel> {
  const file = await readOnnxFile(path);
  const model = await OnnxModel.open(path, 0);
  try {
    const { heads, classNames } = resolveModel(path, model, manifest);
    if (heads.kind !== 'raw') {
      throw new ModelContractError(
        'ptq_stock',
        `model ${path} is a ${heads.form}; its decoding would run on the CPU: cut it first with \`model heads\``,
        { path },
      );
    }
    checkVendorForm(path, file);
    const { inputName, inputWidthPx: widthPx, inputHeightPx: heightPx, inputRange } = model;
    return {
      inputName,
      widthPx,
      heightPx,
      inputRange,
      nodes: mapperNodes(file.graph),
      heads,
      form: heads.form,
      classNames,
      missingInCompiled: missingInCompiled(heads),
    };
  } finally {
    await model.close();
  }
}
