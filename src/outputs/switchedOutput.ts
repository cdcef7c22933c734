import type { ParameterName, ParameterValues } from '../config/schema.js';
import type { ModelInfo } from '../core/ports.js';
import type { FrameResult } from '../core/result.js';
import type { CdrWriter } from '../messages/cdrWriter.js';
import type { OutputCounters, OutputTopic, ResultOutput } from './output.js';

/** Parameters that are true or false. */
type SwitchName = {
  [Name in ParameterName]: ParameterValues[Name] extends boolean ? Name : never;
}[ParameterName];

/** What an output publishes with. */
export interface OutputMeans {
  /** The parameters at this moment. */
  readonly values: () => ParameterValues;
  /** Of headers that are of no frame. */
  readonly frameId: () => string;
  /** Shared by all outputs: what it wrote is good until the next message. */
  readonly writer: CdrWriter;
}

/** An output of one message for each result, on one topic, while a parameter turns it on and somebody listens. */
export abstract class SwitchedOutput implements ResultOutput {
  readonly #topic: OutputTopic;
  readonly #switchName: SwitchName;
  readonly #means: OutputMeans;

  /** @param switchName The parameter that turns it on. */
  protected constructor(topic: OutputTopic, switchName: SwitchName, means: OutputMeans) {
    this.#topic = topic;
    this.#switchName = switchName;
    this.#means = means;
  }

  /** The parameters at this moment. */
  protected get values(): ParameterValues {
    return this.#means.values();
  }

  /** Whether a result would be published at once. */
  get isWanted(): boolean {
    return this.values[this.#switchName] && this.#topic.isWanted;
  }

  get counters(): readonly OutputCounters[] {
    return [this.#topic.counters];
  }

  publish(result: FrameResult, { model }: { readonly model: ModelInfo }): void {
    if (!this.isWanted) return;
    const message = this.write(this.#means.writer, result, model, this.values);
    if (message !== null) this.#topic.publish(message);
  }

  /** The message of a result; null where there is nothing to be said of it. */
  protected abstract write(
    writer: CdrWriter,
    result: FrameResult,
    model: ModelInfo,
    values: ParameterValues,
  ): Uint8Array | null;
}
