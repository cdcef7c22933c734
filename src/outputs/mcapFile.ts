import { type FileHandle, open } from 'node:fs/promises';
import { McapWriter } from '@mcap/core';
import { ConfigError } from '../core/errors.js';
import { limits } from '../core/limits.js';
import { writeFault } from '../files/fault.js';
import { messageDefinition, type PublishedType } from '../messages/definitions.js';

/** The definition of a message type as a file holds it. */
export interface McapSchema {
  /** `package/msg/Type` */
  readonly name: string;
  readonly encoding: string;
  readonly data: Uint8Array;
}

/** A topic of a file. */
export interface McapTopic {
  /** @param cdr Kept until it is written. */
  add(cdr: Uint8Array, logTimeNs: bigint): void;
}

/**
 * Throws ConfigError `mcap_topics` for more topics than the numbers of a file's channels tell apart: one more would be taken for another.
 *
 * @param remedy What helps, for the end of the message.
 */
export function checkTopicCount(path: string, topics: number, remedy = ''): void {
  if (topics <= limits.mcapTopics) return;
  const what = `${path} would have ${topics} topics; a file of MCAP has at most ${limits.mcapTopics}${remedy}`;
  throw new ConfigError('mcap_topics', what, { path, topics });
}

/** Writes serialised ROS 2 messages into an indexed MCAP file that Foxglove and rosbag2 open. */
export class McapFile {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #writer: McapWriter;
  readonly #schemaIds = new Map<string, number>();
  /** McapWriter wants one call to end before the next begins. */
  #queue: Promise<void>;
  #failure: unknown = null;
  readonly #onFailure: () => void;
  #sizeBytes = 0n;
  #messages = 0;
  #topics = 0;

  private constructor(path: string, file: FileHandle, onFailure: () => void) {
    this.#path = path;
    this.#file = file;
    this.#onFailure = onFailure;
    this.#writer = new McapWriter({
      writable: {
        position: () => this.#sizeBytes,
        write: async (bytes) => {
          // Unlike write it takes all of them or fails: a disk that fills takes a part and says nothing.
          await file.writeFile(bytes);
          this.#sizeBytes += BigInt(bytes.byteLength);
        },
      },
    });
    this.#queue = this.#writer.start({ profile: 'ros2', library: 'rdk-yolo-seg' });
  }

  /**
   * Throws ConfigError `out` when the file cannot be written.
   *
   * @param onFailure Called once where it cannot be written any more: what is added from then on is let go, and `written` and
   * `close` throw why.
   * @param name What it will be called, for messages, where that is another path.
   */
  static async create(path: string, onFailure: () => void = () => {}, name = path): Promise<McapFile> {
    const file = await open(path, 'w').catch((error: unknown) => {
      throw new ConfigError('out', `cannot write ${name}: ${writeFault(error, name)}`, { path: name });
    });
    return new McapFile(name, file, onFailure);
  }

  get sizeBytes(): number {
    return Number(this.#sizeBytes);
  }

  get messages(): number {
    return this.#messages;
  }

  /**
   * Adds a topic, also one without messages. Throws ConfigError `mcap_topics` for one more than a file can tell apart.
   *
   * @param schema Of the type; by default ours.
   */
  addTopic(topic: string, type: PublishedType): McapTopic;
  addTopic(topic: string, schema: McapSchema): McapTopic;
  addTopic(topic: string, type: PublishedType | McapSchema): McapTopic {
    checkTopicCount(this.#path, ++this.#topics);
    const schema =
      typeof type === 'string'
        ? { name: type, encoding: 'ros2msg', data: new TextEncoder().encode(messageDefinition(type)) }
        : type;
    const registered = this.#enqueue(async () => {
      const schemaId = await this.#schemaId(schema);
      const metadata = new Map<string, string>();
      return this.#writer.registerChannel({ topic, schemaId, messageEncoding: 'cdr', metadata });
    });
    return {
      add: (data, logTime) => {
        const sequence = this.#messages++;
        this.#enqueue(async () => {
          const channelId = await registered;
          await this.#writer.addMessage({ channelId, sequence, logTime, publishTime: logTime, data });
        });
      },
    };
  }

  /** Resolves when what was added is out of memory, or lost to the first error there was in writing, which is thrown. */
  async written(): Promise<void> {
    await this.#queue;
    if (this.#failure !== null) throw this.#failure;
  }

  /** Writes the index. Throws the first error there was in writing. */
  async close(): Promise<void> {
    this.#enqueue(() => this.#writer.end());
    await this.#queue;
    await this.#file.close();
    if (this.#failure !== null) throw this.#failure;
  }

  async #schemaId(schema: McapSchema): Promise<number> {
    const key = `${schema.name} ${schema.encoding} ${Buffer.from(schema.data).toString('latin1')}`;
    const known = this.#schemaIds.get(key);
    if (known !== undefined) return known;
    const id = await this.#writer.registerSchema(schema);
    this.#schemaIds.set(key, id);
    return id;
  }

  /** Nobody need take what it rejects with: it is kept for `written` and `close`. */
  #enqueue<Written>(write: () => Promise<Written>): Promise<Written> {
    const done = this.#queue.then(() => {
      // McapWriter keeps what it could not write, and would try it again with every message that comes.
      if (this.#failure !== null) throw this.#failure;
      return write();
    });
    this.#queue = done.then(
      () => {},
      (error: unknown) => this.#noteFailure(error),
    );
    return done;
  }

  #noteFailure(error: unknown): void {
    if (this.#failure !== null) return;
    const path = this.#path;
    const what = `cannot write ${path}: ${writeFault(error, path)}`;
    this.#failure = new ConfigError('out', what, { path }, error);
    this.#onFailure();
  }
}
