import { counted } from '../../core/words.js';
import { closeSync, fstatSync, readSync } from 'node:fs';
import { ModelContractError } from '../../core/errors.js';
import { limits } from '../../core/limits.js';
import { isTorchFile, torchExportCommand } from '../modelSuffix.js';
import { openModelFile } from '../openModelFile.js';

/** What the file itself says, beyond the graph; onnxruntime-node does not hand this out. */
export interface OnnxFileInfo {
  readonly sizeBytes: number;
  /** The exporter's key-value pairs, such as `names`, `task`, `stride`, `imgsz`. */
  readonly metadata: ReadonlyMap<string, string>;
}

const wireVarint = 0;
const wireBytes = 2;
const fieldGraph = 7;
const fieldMetadata = 14;

/** Fields of ONNX's ModelProto and how each is encoded (onnx.proto3). */
const modelFields: ReadonlyMap<number, number> = new Map([
  [1, wireVarint], // ir_version
  [2, wireBytes], // producer_name
  [3, wireBytes], // producer_version
  [4, wireBytes], // domain
  [5, wireVarint], // model_version
  [6, wireBytes], // doc_string
  [fieldGraph, wireBytes],
  [8, wireBytes], // opset_import
  [fieldMetadata, wireBytes],
  [20, wireBytes], // training_info
  [25, wireBytes], // functions
]);

/**
 * Walks over the top-level fields of an ONNX file and reads its metadata; the graph is skipped, not loaded.
 *
 * Throws ConfigError `model_missing` or `model_unreadable` for a path that cannot be read, and
 * ModelContractError `model_truncated` or `model_not_onnx` for a file that is no whole ONNX model, `model_too_large` for one
 * that no reader of protobuf takes, or whose metadata is larger than any text.
 */
export function readOnnxFileInfo(path: string): OnnxFileInfo {
  const fd = openModelFile(path);
  try {
    const { size: sizeBytes } = fstatSync(fd);
    checkModelBytes(path, sizeBytes);
    return walkModel(path, fd, sizeBytes);
  } finally {
    closeSync(fd);
  }
}

/** Throws ModelContractError `model_too_large` for more bytes than one ONNX file can have. */
export function checkModelBytes(path: string, sizeBytes: number): void {
  if (sizeBytes <= limits.onnxBytes) return;
  const range = 'YOLO segmentation models have 14 to 300 MB';
  const what = `model ${path} has ${sizeBytes} bytes; one ONNX file holds at most ${limits.onnxBytes} (${range})`;
  throw new ModelContractError('model_too_large', what, { path, sizeBytes, mostBytes: limits.onnxBytes });
}

/** A field inside the graph of an ONNX file. */
export interface GraphField {
  readonly number: number;
  readonly sizeBytes: number;
  /** Its body; only while the walk stands at it. */
  readonly read: () => Uint8Array;
}

/**
 * Walks over the fields of the graph, whose bodies are read only when asked for. For a file that
 * `readOnnxFileInfo` took.
 */
export function* readGraphFields(path: string): Generator<GraphField> {
  const fd = openModelFile(path);
  try {
    for (const graph of fieldsBetween(fd, 0, fstatSync(fd).size)) {
      if (graph.number !== fieldGraph) continue;
      for (const { number, startByte, endByte } of fieldsBetween(fd, graph.startByte, graph.endByte)) {
        const sizeBytes = endByte - startByte;
        yield { number, sizeBytes, read: () => readAt(fd, startByte, sizeBytes) };
      }
    }
  } finally {
    closeSync(fd);
  }
}

function* fieldsBetween(
  fd: number,
  from: number,
  to: number,
): Generator<{ readonly number: number; readonly startByte: number; readonly endByte: number }> {
  for (let at = from; at < to; ) {
    const field = readField(readAt(fd, at, 20));
    if (field === null) return;
    const startByte = at + field.headBytes;
    at = startByte + field.bodyBytes;
    yield { number: field.number, startByte, endByte: Math.min(at, to) };
  }
}

function walkModel(path: string, fd: number, sizeBytes: number): OnnxFileInfo {
  const metadata = new Map<string, string>();
  let hasGraph = false;
  let metadataBytes = 0;
  let at = 0;
  while (at < sizeBytes) {
    const field = readField(readAt(fd, at, 20));
    const wire = field === null ? undefined : modelFields.get(field.number);
    const known = field !== null && wire === field.wire;
    // Later versions of the format may add fields, but a file does not begin with one of them.
    if (field === null || (!known && (wire !== undefined || at === 0))) {
      throw notOnnx(path, fd, sizeBytes, `no field of an ONNX model at byte ${at}`);
    }
    const endByte = at + field.headBytes + field.bodyBytes;
    if (endByte > sizeBytes) {
      throw new ModelContractError(
        'model_truncated',
        `model ${path} is truncated: it has ${sizeBytes} bytes, its field ${field.number} ends at byte ${endByte}`,
        { path, sizeBytes, neededBytes: endByte },
      );
    }
    if (field.number === fieldGraph) hasGraph = true;
    if (field.number === fieldMetadata) {
      metadataBytes += field.bodyBytes;
      if (metadataBytes > limits.textFileBytes) {
        const what = `model ${path} has ${metadataBytes} bytes of metadata or more; at most ${limits.textFileBytes} are read`;
        throw new ModelContractError('model_too_large', what, { path, metadataBytes });
      }
      const [key, value] = readEntry(readAt(fd, at + field.headBytes, field.bodyBytes));
      metadata.set(key, value);
    }
    at = endByte;
  }
  if (!hasGraph) throw notOnnx(path, fd, sizeBytes, 'it holds no graph');
  return { sizeBytes, metadata };
}

function notOnnx(path: string, fd: number, sizeBytes: number, why: string): ModelContractError {
  const begin = readAt(fd, 0, 24).toString('latin1');
  // torch.save writes a zip archive, older versions a pickle.
  if (isTorchFile(path) || begin.startsWith('PK')) {
    const remedy = `export them first, where torch is: ${torchExportCommand(path)}`;
    const what = `${path} are weights of PyTorch, no ONNX file; ${remedy}`;
    return new ModelContractError('model_not_onnx', what, { path, sizeBytes });
  }
  return new ModelContractError(
    'model_not_onnx',
    `model ${path} is not an ONNX file: ${why}; it has ${counted(sizeBytes, 'byte')} and begins with ${JSON.stringify(begin)}`,
    { path, sizeBytes },
  );
}

function readAt(fd: number, at: number, length: number): Buffer {
  const buffer = Buffer.alloc(length);
  return buffer.subarray(0, readSync(fd, buffer, 0, length, at));
}

interface Field {
  readonly number: number;
  readonly wire: number;
  readonly headBytes: number;
  readonly bodyBytes: number;
}

/** The protobuf field that begins at the first byte; null if there is none. */
function readField(bytes: Buffer): Field | null {
  const tag = readVarint(bytes, 0);
  if (tag === null || tag.value < 8) return null;
  const number = Math.floor(tag.value / 8);
  const wire = tag.value % 8;
  const body = tag.endByte;
  if (wire === 1) return { number, wire, headBytes: body, bodyBytes: 8 };
  if (wire === 5) return { number, wire, headBytes: body, bodyBytes: 4 };
  const varint = readVarint(bytes, body);
  if (varint === null) return null;
  if (wire === wireVarint) return { number, wire, headBytes: body, bodyBytes: varint.endByte - body };
  if (wire === wireBytes) return { number, wire, headBytes: varint.endByte, bodyBytes: varint.value };
  return null;
}

function readVarint(bytes: Buffer, start: number): { value: number; endByte: number } | null {
  let value = 0;
  for (let index = start; index < Math.min(bytes.length, start + 10); index++) {
    const byte = bytes[index]!;
    value += (byte & 0x7f) * 2 ** (7 * (index - start));
    if (byte < 0x80) return { value, endByte: index + 1 };
  }
  return null;
}

/** Key and value of a StringStringEntryProto. */
function readEntry(bytes: Buffer): [key: string, value: string] {
  const texts = ['', ''] as [string, string];
  let at = 0;
  while (at < bytes.length) {
    const field = readField(bytes.subarray(at, at + 20));
    if (field === null) break;
    const from = at + field.headBytes;
    at = from + field.bodyBytes;
    if (field.wire === wireBytes && (field.number === 1 || field.number === 2)) {
      texts[field.number - 1] = bytes.toString('utf8', from, at);
    }
  }
  return texts;
}
