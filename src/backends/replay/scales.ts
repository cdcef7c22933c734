import { counted } from '../../core/words.js';
import { z } from 'zod';
import { checkedDocument, parseJson } from '../../core/documentFault.js';
import { ConfigError } from '../../core/errors.js';
import { describeTensor, type TensorSpec } from '../../core/tensor.js';

/** Scale per channel of outputs that are integers, by output name. */
export type OutputScales = Readonly<Record<string, readonly number[]>>;

const scalesSchema = z.record(z.string(), z.array(z.number().positive()).min(1));

/** Reads `{"output name": [scale per channel]}`. Throws ConfigError `scales`. */
export function parseScales(text: string, path: string): OutputScales {
  const refuse = (why: string) => {
    const expected = '{"output name": [one positive number per channel]}';
    return new ConfigError('scales', `${path} does not hold scales: ${why}; expected ${expected}`, { path });
  };
  return checkedDocument(() => parseJson(text), scalesSchema, refuse);
}

/**
 * The outputs with their scales, which lie along the last axis of that length: the X5 writes channels last.
 *
 * Throws ConfigError `scales` for an integer output without scales, for scales of an output that does not exist
 * or holds floats, and for a number of scales that is no dimension of its output.
 */
export function withScales(outputs: readonly TensorSpec[], scales: OutputScales): TensorSpec[] {
  const strangers = Object.keys(scales).filter((name) => !outputs.some((spec) => spec.name === name));
  if (strangers.length > 0) {
    const names = outputs.map((spec) => spec.name).join(', ');
    throw fault(`scales for ${strangers.join(', ')}; the outputs of the model are ${names}`);
  }
  return outputs.map((spec) => {
    const quantScales = scales[spec.name];
    if (spec.type === 'f32') {
      if (quantScales === undefined) return spec;
      throw fault(
        `${counted(quantScales.length, 'scale')} for ${describeTensor(spec)}, which holds no integers`,
      );
    }
    if (quantScales === undefined) throw fault(`no scales for ${describeTensor(spec)}`);
    const axis = spec.dims.lastIndexOf(quantScales.length);
    if (axis < 0)
      throw fault(
        `${counted(quantScales.length, 'scale')} for ${describeTensor(spec)}; expected one per channel`,
      );
    return {
      ...spec,
      quantisation: {
        kind: 'scale',
        quantScales: Float32Array.from(quantScales),
        zeroPoints: new Int32Array(0),
        axis,
      },
    };
  });
}

function fault(why: string): ConfigError {
  return new ConfigError('scales', why, {});
}
