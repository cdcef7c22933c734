import '../telemetry.js';

import { InferenceSession, Tensor } from 'onnxruntime-node';
import { ModelContractError } from '../../../core/errors.js';
import { encodeModel, type OnnxGraphModel } from './onnxFile.js';

const options = { logSeverityLevel: 4, graphOptimizationLevel: 'disabled' } as const;

async function load(model: OnnxGraphModel, part: string): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(encodeModel(model), options);
  } catch (error) {
    throw new ModelContractError(
      'model_not_loadable',
      `onnxruntime cannot load ${part} of the model: ${error instanceof Error ? error.message : String(error)}`,
      {},
      error,
    );
  }
}

/** Shape and element type of an output. */
export interface OutputForm {
  readonly dims: readonly number[];
  /** As onnxruntime calls it, `float32`. */
  readonly type: string;
}

/**
 * Form of each output of a model, as onnxruntime infers it; where it cannot, the model is run on zeros, which
 * takes a fixed input size.
 */
export async function outputForms(
  model: OnnxGraphModel,
  part: string,
): Promise<ReadonlyMap<string, OutputForm>> {
  const session = await load(model, part);
  try {
    const forms = new Map<string, OutputForm>();
    for (const output of session.outputMetadata) {
      if (!output.isTensor || output.shape.length === 0) continue;
      const sizes = output.shape.filter((size): size is number => typeof size === 'number' && size > 0);
      if (sizes.length === output.shape.length) {
        forms.set(output.name, { dims: sizes, type: output.type });
      }
    }
    if (forms.size === session.outputNames.length) return forms;
    return new Map(Object.entries(await runOnZeros(session)));
  } finally {
    await session.release();
  }
}

function runOnZeros(session: InferenceSession): Promise<InferenceSession.OnnxValueMapType> {
  const feeds = session.inputMetadata.map((input) => {
    const sizes = input.isTensor ? input.shape.map(Number) : [];
    const data = new Float32Array(sizes.reduce((product, size) => product * size, 1));
    return [input.name, new Tensor('float32', data, sizes)] as const;
  });
  return session.run(Object.fromEntries(feeds));
}

/** A tensor as onnxruntime gives it. */
export interface StoredTensor {
  readonly dims: readonly number[];
  readonly data: unknown;
}

/** The values of the outputs of a model without inputs. */
export async function constantsOf(
  model: OnnxGraphModel,
  part: string,
): Promise<ReadonlyMap<string, StoredTensor>> {
  const session = await load(model, part);
  try {
    return new Map(Object.entries(await session.run({})));
  } finally {
    await session.release();
  }
}

/** What goes into and comes out of a part of a model: packed values, the last axis innermost. */
export interface FloatTensor {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** A part of a model that can be run. */
export interface LoadedPart {
  run(feeds: ReadonlyMap<string, FloatTensor>): Promise<FloatTensor>;
  close(): Promise<void>;
}

/** Loads a part of a model with one float output. */
export async function loadPart(model: OnnxGraphModel, part: string): Promise<LoadedPart> {
  const session = await load(model, part);
  const name = session.outputNames[0]!;
  return {
    async run(feeds) {
      const tensors = [...feeds].map(
        ([input, { dims, data }]) => [input, new Tensor('float32', data, [...dims])] as const,
      );
      const output = (await session.run(Object.fromEntries(tensors)))[name]!;
      return { dims: output.dims, data: output.data as Float32Array };
    },
    close: () => session.release(),
  };
}
