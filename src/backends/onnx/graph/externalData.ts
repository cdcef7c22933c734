import { counted } from '../../../core/words.js';
import { realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join, normalize, sep } from 'node:path';
import { clearField } from '@bufbuild/protobuf';
import { type ModelProto, type TensorProto, TensorProto_DataLocation, TensorProtoSchema } from 'onnx-buf';
import { ModelContractError } from '../../../core/errors.js';
import { limits } from '../../../core/limits.js';
import { readFault } from '../../../files/fault.js';
import { openRegularFile } from '../../../files/regularFile.js';
import { tensorsOf } from './walk.js';

interface Segment {
  readonly tensor: TensorProto;
  readonly location: string;
  readonly offsetBytes: number;
  /** Null: up to the end of the file. */
  readonly lengthBytes: number | null;
}

function readSegment(tensor: TensorProto): Segment {
  const entry = (key: string) => tensor.externalData.find((pair) => pair.key === key)?.value;
  const length = entry('length');
  return {
    tensor,
    location: entry('location') ?? '',
    offsetBytes: Number(entry('offset') ?? 0),
    lengthBytes: length === undefined ? null : Number(length),
  };
}

function refuse(path: string, why: string, details: Record<string, unknown>): ModelContractError {
  return new ModelContractError('external_data', `model ${path} keeps weights outside the file: ${why}`, {
    path,
    ...details,
  });
}

/** The file's path, beside the model as the format demands. */
function pathOf(modelPath: string, { tensor, location }: Segment): string {
  const inside = normalize(location);
  if (location === '' || isAbsolute(inside) || inside === '..' || inside.startsWith(`..${sep}`)) {
    throw refuse(modelPath, `tensor ${tensor.name} names "${location}"; expected a file beside the model`, {
      tensor: tensor.name,
      location,
    });
  }
  return join(dirname(modelPath), inside);
}

/** Throws for what a link leads out of the model's folder. */
async function refuseElsewhere(modelPath: string, path: string): Promise<void> {
  const real = await realpath(path).catch(() => null);
  // Opening it says why.
  if (real === null) return;
  const folder = await realpath(dirname(modelPath));
  const isBelow = real.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);
  if (isBelow) return;
  const why = `${path} leads to ${real}; expected a file below the model's folder ${folder}`;
  throw refuse(modelPath, why, { real, folder });
}

/** Answers how many of `leftBytes` are left behind these. */
async function readBytes(
  modelPath: string,
  path: string,
  segments: readonly Segment[],
  leftBytes: number,
): Promise<number> {
  await refuseElsewhere(modelPath, path);
  const file = await openRegularFile(path).catch((error: unknown) => {
    const names = segments.map(({ tensor }) => tensor.name);
    const shown = `${names.slice(0, 3).join(', ')}${names.length > 3 ? ', ...' : ''}`;
    throw new ModelContractError(
      'external_data',
      `model ${modelPath} keeps ${counted(names.length, 'tensor')} (${shown}) in ${path}, which ${readFault(error)}; keep both files together`,
      { path: modelPath, missing: path, tensors: names.length },
    );
  });
  try {
    const { size: sizeBytes } = await file.stat();
    for (const { tensor, offsetBytes, lengthBytes } of segments) {
      const wanted = lengthBytes ?? sizeBytes - offsetBytes;
      const isSound =
        Number.isSafeInteger(offsetBytes) && offsetBytes >= 0 && Number.isSafeInteger(wanted) && wanted >= 0;
      if (!isSound || offsetBytes + wanted > sizeBytes) {
        throw refuse(
          modelPath,
          `tensor ${tensor.name} lies at bytes ${offsetBytes} to ${offsetBytes + wanted} of ${path}, which has ${sizeBytes} bytes`,
          { tensor: tensor.name, offsetBytes, lengthBytes: wanted, sizeBytes },
        );
      }
      leftBytes -= wanted;
      if (leftBytes < 0) {
        const why = `up to tensor ${tensor.name} they have more than ${limits.onnxBytes} bytes, the most that one ONNX file holds`;
        throw refuse(modelPath, why, { tensor: tensor.name, mostBytes: limits.onnxBytes });
      }
      const data = new Uint8Array(wanted);
      const { bytesRead } = await file.read(data, 0, wanted, offsetBytes);
      if (bytesRead !== wanted)
        throw refuse(modelPath, `${path} ended in tensor ${tensor.name}`, { bytesRead });
      tensor.rawData = data;
      tensor.externalData = [];
      clearField(tensor, TensorProtoSchema.field.dataLocation);
    }
    return leftBytes;
  } finally {
    await file.close();
  }
}

/**
 * Reads weights that lie in files beside the model into the model.
 *
 * Throws ModelContractError `external_data` for a file that is missing, too short or not beside the model.
 */
export async function inlineExternalData(model: ModelProto, modelPath: string): Promise<void> {
  const byFile = new Map<string, Segment[]>();
  for (const tensor of tensorsOf(model)) {
    if (tensor.dataLocation !== TensorProto_DataLocation.EXTERNAL) continue;
    const segment = readSegment(tensor);
    const path = pathOf(modelPath, segment);
    const segments = byFile.get(path);
    if (segments === undefined) byFile.set(path, [segment]);
    else segments.push(segment);
  }
  // Inlined they become one message.
  let leftBytes = limits.onnxBytes;
  for (const [path, segments] of byFile) leftBytes = await readBytes(modelPath, path, segments, leftBytes);
}
