import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { TensorSource } from '../../backends/replay/recordTensors.js';
import type { OutputScales } from '../../backends/replay/scales.js';
import { greyInput, type InputForm } from '../../backends/session/inputForm.js';
import { ConfigError, SegError } from '../../core/errors.js';
import { writePart } from '../../files/atomicFolder.js';
import {
  elementBytes,
  packedSpec,
  tensorArrays,
  type TensorSpec,
  type TensorView,
} from '../../core/tensor.js';
import type { ToolRunner } from '../compile/toolRunner.js';
import { readLogLines } from '../text/logLines.js';

const script = fileURLToPath(new URL('../../../tools/toolchain/simulate.py', import.meta.url));

/** Files of the folder, which the script is given by name. */
const [scriptName, modelName, inputName, outputsName] = ['simulate.py', 'quantised.onnx', 'input', 'outputs'];

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
  readonly runner: ToolRunner;
  /** A folder that the runner's programs see; the runtime leaves files there. */
  readonly folder: string;
  readonly modelPath: string;
  readonly form: InputForm;
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

  constructor({ runner, folder, signal }: RuntimeRequest, args: readonly string[]) {
    const end = runner.run({
      tool: 'python',
      args: [scriptName, ...args],
      cwd: folder,
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
  readonly takes: InputForm;
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
    model: QuantisedModel,
    { folder, outputs, form }: RuntimeRequest,
  ) {
    const [heightPx = 0, widthPx = 0] = model.inputDims.slice(form === 'nv12' ? 1 : 2);
    this.takes = form;
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
    const { folder, modelPath, form, outputs } = request;
    await copyFile(script, join(folder, scriptName));
    await copyFile(modelPath, join(folder, modelName));
    const types = JSON.stringify(outputs.map(({ name, type }) => [name, type]));
    const conversation = new Conversation(request, [modelName, inputName, outputsName, form, types]);
    try {
      const model = JSON.parse(await conversation.ask(null)) as QuantisedModel;
      checkModel(model, request);
      const runtime = new QuantisedRuntime(conversation, model, request);
      await runtime.run(greyInput(form, runtime));
      return runtime;
    } catch (error) {
      await conversation.close();
      throw error;
    }
  }

  /** A compiled model does not tell; its manifest does. */
  endsInSigmoid(): boolean {
    return false;
  }

  /** @param input as `takes` says */
  async run(input: ArrayBuffer): Promise<void> {
    await writePart(join(this.#folder, inputName), new Uint8Array(input));
    const { fault } = JSON.parse(await this.#conversation.ask('run')) as { readonly fault?: string };
    if (fault !== undefined) throw new SegError('simulate', `the vendor's runtime failed: ${fault}`, {});
    const bytes = await readFile(join(this.#folder, outputsName));
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
  }
}

function checkModel({ inputDims, outputs }: QuantisedModel, request: RuntimeRequest): void {
  const refuse = (what: string) =>
    new ConfigError('simulate', `${request.modelPath} is not the quantised form of the model: ${what}`, {
      path: request.modelPath,
    });
  const [channelAxis, expected] = request.form === 'nv12' ? [3, 'height, width, 3'] : [1, '3, height, width'];
  if (inputDims.length !== 4 || inputDims[channelAxis] !== 3) {
    throw refuse(`expected an input [1, ${expected}] for ${request.form}, found [${inputDims.join(', ')}]`);
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
