import type { McapTypes } from '@mcap/core';
import { limits } from '../../core/limits.js';
import type { RecordedSchema, RecordedTopic } from './recordingFile.js';

type Channel = McapTypes.TypedMcapRecords['Channel'];
type Schema = McapTypes.TypedMcapRecords['Schema'];

/** The topics of an MCAP file by their channels. What a file says again of a schema or channel is the same, by its specification. */
export class McapTopics {
  readonly ofChannel: ReadonlyMap<number, RecordedTopic>;
  readonly #topics = new Map<number, RecordedTopic>();
  readonly #schemas = new Map<number, { readonly type: string; readonly schema: RecordedSchema }>();
  #textBytes = 0;

  constructor() {
    this.ofChannel = this.#topics;
  }

  /** Keeps a copy, since a view would hold the whole chunk. Throws an Error where texts have more bytes together than may be kept. */
  addSchema({ id, name, encoding, data }: Schema): void {
    if (this.#schemas.has(id)) return;
    this.#count(name.length + encoding.length + data.length);
    this.#schemas.set(id, { type: name, schema: { encoding, data: data.slice() } });
  }

  /** Throws as `addSchema` does. Its schema is to be there already. */
  addChannel({ id, topic, messageEncoding, schemaId }: Channel): void {
    if (this.#topics.has(id)) return;
    this.#count(topic.length + messageEncoding.length);
    const { type = '', schema = null } = this.#schemas.get(schemaId) ?? {};
    this.#topics.set(id, { name: topic, type, encoding: messageEncoding, schema });
  }

  #count(bytes: number): void {
    this.#textBytes += bytes;
    if (this.#textBytes <= limits.recordingTextBytes) return;
    throw new Error(
      `names and definitions of its topics have ${this.#textBytes} bytes together; at most ${limits.recordingTextBytes} are kept`,
    );
  }
}
