import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { TensorSource } from '../../backends/replay/recordTensors.js';
import type { OutputScales } from '../../backends/replay/scales.js';
import { inputBytes } from '../../backends/session/inputForm.js';
import { ConfigError, SegError } from '../../core/errors.js';
import {
  elementBytes,
  packedSpec,
  tensorArrays,
  type TensorSpec,
  type TensorView,
} from '../../core/tensor.js';
import { makeTemporaryFolder, removeTemporaryFolder } from '../process/temporaryFolder.js';
import { venvEnv } from '../compile/venvRunner.js';
import { runGroup } from '../process/processGroup.js';
import { readLogLines } from '../text/logLines.js';

const script = fileURLToPath(new URL('../../../tools/toolchain/simulate.py', import.meta.url));

/** What the script says of the quantised model. */
interface QuantisedModel {
  readonly inputDims: readonly number[];
  /** Without a Dequantize node an output has no scales. */
  readonly outputs: readonly {
    readonly name: string;
    readonly dims: readonly number[];
    readonly scales: readonly number[];
  }[];
}

/** A quantised model, and the outputs that the compiled one gives. */
export interface RuntimeRequest {
  /** The virtual environment of the vendor's tools. */
  readonly toolchain: string;
  readonly modelPath: string;
  readonly outputs: readonly Pick<TensorSpec, 'name' | 'dims' | 'type'>[];
  readonly signal: AbortSignal;
}

/** The vendor's Python, which answers each line with a line of JSON. */
class Conversation {
  readonly #ended: Promise<void>;
  #input: Writable | null = null;
  #unread = '';
  #lastWords = '';
  #waiting: { readonly resolve: (line: string) => void; readonly reject: (why: unknown) => void } | null =
    null;
  /** Why there are no more answers; null while there are. */
  #end: { readonly why: unknown } | null = null;

  constructor({ toolchain, signal }: RuntimeRequest, folder: string, args: readonly string[]) {
    const end = runGroup({
      command: join(toolchain, 'bin', 'python'),
      args: [script, ...args],
      cwd: folder,
      env: { ...venvEnv(toolchain), TMPDIR: folder },
      signal,
      onText: (text) => {
        this.#lastWords = (this.#lastWords + text).slice(-10_000);
      },
      onAnswer: (text) => this.#read(text),
      onStart: (input) => {
        this.#input = input;
      },
    });
    this.#ended = end.then(
      ({ exitCode, endedBy }) => {
        const last = readLogLines(this.#lastWords).findLast(({ text }) => text.trim() !== '');
        const how = `${endedBy ?? `ended with ${exitCode}`}: ${last?.text.trim() ?? 'it said nothing'}`;
        const fault = new SegError('simulate', `the vendor's runtime gave no answer, ${how}`, {});
        this.#over(signal.aborted ? signal.reason : fault);
      },
      (error: unknown) => this.#over(error),
    );
  }

  /** The answer to a line; the first one comes unasked. */
  ask(line: string | null): Promise<string> {
    const answer = new Promise<string>((resolve, reject) => {
      if (this.#end === null) this.#waiting = { resolve, reject };
      else reject(this.#end.why);
    });
    if (line !== null) this.#input?.write(`${line}\n`);
    return answer;
  }

  async close(): Promise<void> {
    this.#input?.end();
    await this.#ended;
  }

  #over(why: unknown): void {
    this.#end = { why };
    this.#waiting?.reject(why);
  }

  #read(text: string): void {
    const [line, ...rest] = (this.#unread + text).split('\n');
    if (rest.length === 0) {
      this.#unread = line ?? '';
      return;
    }
    this.#unread = rest.join('\n');
    this.#waiting?.resolve(line ?? '');
    this.#waiting = null;
  }
}

/** A quantised model in the vendor's runtime: it gives the integers that the compiled model gives on the BPU. */
export class QuantisedRuntime implements TensorSource {
  readonly takes = 'nv12';
  readonly classNames = null;
  /** Outputs of a compiled model have their own names alone. */
  readonly outputAliases = new Map<string, readonly string[]>();
  readonly inputWidthPx: number;
  readonly inputHeightPx: number;
  readonly borrowedOutputs: readonly TensorView[];
  readonly scales: OutputScales;
  readonly #conversation: Conversation;
  readonly #folder: string;

  private constructor(
    conversation: Conversation,
    folder: string,
    model: QuantisedModel,
    { outputs }: RuntimeRequest,
  ) {
    const [, heightPx = 0, widthPx = 0] = model.inputDims;
    this.#conversation = conversation;
    this.#folder = folder;
    this.inputWidthPx = widthPx;
    this.inputHeightPx = heightPx;
    this.borrowedOutputs = outputs.map(({ name, type, dims }): TensorView => {
      const spec = packedSpec(name, dims, type);
      return { spec, data: new tensorArrays[type](dims.reduce((count, dim) => count * dim, 1)) };
    });
    const integers = model.outputs.filter(
      ({ name }) => outputs.find((output) => output.name === name)?.type !== 'f32',
    );
    this.scales = Object.fromEntries(integers.map(({ name, scales }) => [name, scales]));
  }

  /**
   * Starts the runtime and runs a grey picture, whose outputs are then in `borrowedOutputs`.
   *
   * Throws ConfigError `simulate` for a quantised model that is none of the compiled one, SegError `simulate` with what the
   * runtime says, and the reason of an interruption.
   */
  static async open(request: RuntimeRequest): Promise<QuantisedRuntime> {
    const folder = await makeTemporaryFolder();
    const types = JSON.stringify(request.outputs.map(({ name, type }) => [name, type]));
    const paths = [request.modelPath, join(folder, 'input.nv12'), join(folder, 'outputs.bin')];
    const conversation = new Conversation(request, folder, [...paths, types]);
    try {
      const model = JSON.parse(await conversation.ask(null)) as QuantisedModel;
      checkModel(model, request);
      const runtime = new QuantisedRuntime(conversation, folder, model, request);
      const grey = new Uint8Array(inputBytes('nv12', runtime)).fill(128);
      await runtime.run(grey.fill(114, 0, (grey.length * 2) / 3).buffer);
      return runtime;
    } catch (error) {
      await conversation.close();
      await removeTemporaryFolder(folder);
      throw error;
    }
  }

  /** A compiled model does not tell; its manifest does. */
  endsInSigmoid(): boolean {
    return false;
  }

  /** @param input packed NV12 */
  async run(input: ArrayBuffer): Promise<void> {
    await writeFile(join(this.#folder, 'input.nv12'), new Uint8Array(input));
    const { fault } = JSON.parse(await this.#conversation.ask('run')) as { readonly fault?: string };
    if (fault !== undefined) throw new SegError('simulate', `the vendor's runtime failed: ${fault}`, {});
    const bytes = await readFile(join(this.#folder, 'outputs.bin'));
    let offset = 0;
    for (const { spec, data } of this.borrowedOutputs) {
      const size = data.length * elementBytes[spec.type];
      new Uint8Array(data.buffer, data.byteOffset, size).set(bytes.subarray(offset, offset + size));
      offset += size;
    }
    if (offset !== bytes.length) {
      const what = `expected ${offset} bytes of outputs, found ${bytes.length}`;
      throw new SegError('simulate', `the vendor's runtime failed: ${what}`, {});
    }
  }

  async close(): Promise<void> {
    await this.#conversation.close();
    await removeTemporaryFolder(this.#folder);
  }
}

function checkModel({ inputDims, outputs }: QuantisedModel, request: RuntimeRequest): void {
  const refuse = (what: string) =>
    new ConfigError('simulate', `${request.modelPath} is not the quantised form of the model: ${what}`, {
      path: request.modelPath,
    });
  if (inputDims.length !== 4 || inputDims[3] !== 3) {
    throw refuse(`expected an input [1, height, width, 3], found [${inputDims.join(', ')}]`);
  }
  for (const { name, dims, type } of request.outputs) {
    const found = outputs.find((output) => output.name === name);
    if (found === undefined) {
      throw refuse(`it has no output ${name}, but ${outputs.map((output) => output.name).join(', ')}`);
    }
    if (found.dims.join() !== dims.join()) {
      throw refuse(`output ${name} is [${found.dims.join(', ')}]; expected [${dims.join(', ')}]`);
    }
    if (type !== 'f32' && found.scales.length === 0) throw refuse(`output ${name} has no scales`);
  }
}
