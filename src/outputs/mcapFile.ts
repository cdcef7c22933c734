import { type FileHandle, open } from 'node:fs/promises';
import { McapWriter } from '@mcap/core';
import { ConfigError } from '../core/errors.js';
import { writeFault } from '../files/fault.js';
import { messageDefinition, type PublishedType } from '../messages/definitions.js';

/** Writes serialised ROS 2 messages into an indexed MCAP file that Foxglove and rosbag2 open. */
export class McapFile {
  readonly #file: FileHandle;
  readonly #writer: McapWriter;
  /** McapWriter wants one call to end before the next begins. */
  #queue: Promise<void>;
  #failure: unknown = null;
  #sizeBytes = 0n;
  #messages = 0;

  private constructor(file: FileHandle) {
    this.#file = file;
    this.#writer = new McapWriter({
      writable: {
        position: () => this.#sizeBytes,
        write: async (bytes) => {
          await file.write(bytes);
          this.#sizeBytes += BigInt(bytes.byteLength);
        },
      },
    });
    this.#queue = this.#writer.start({ profile: 'ros2', library: 'rdk-yolo-seg' });
  }

  /** Throws ConfigError `out` when the file cannot be written. */
  static async create(path: string): Promise<McapFile> {
    const file = await open(path, 'w').catch((error: unknown) => {
      throw new ConfigError('out', `cannot write ${path}: ${writeFault(error, path)}`, { path });
    });
    return new McapFile(file);
  }

  get sizeBytes(): number {
    return Number(this.#sizeBytes);
  }

  get messages(): number {
    return this.#messages;
  }

  /** Adds a topic; returns the number its messages are added with. */
  async addTopic(topic: string, type: PublishedType): Promise<number> {
    let channelId = 0;
    this.#enqueue(async () => {
      const schemaId = await this.#writer.registerSchema({
        name: type,
        encoding: 'ros2msg',
        data: new TextEncoder().encode(messageDefinition(type)),
      });
      const metadata = new Map<string, string>();
      channelId = await this.#writer.registerChannel({ topic, schemaId, messageEncoding: 'cdr', metadata });
    });
    await this.#queue;
    return channelId;
  }

  /** @param cdr Kept until it is written. */
  addMessage(channelId: number, cdr: Uint8Array, logTimeNs: bigint): void {
    const sequence = this.#messages++;
    this.#enqueue(() =>
      this.#writer.addMessage({ channelId, sequence, logTime: logTimeNs, publishTime: logTimeNs, data: cdr }),
    );
  }

  /** Writes the index. Throws the first error there was in writing. */
  async close(): Promise<void> {
    this.#enqueue(() => this.#writer.end());
    await this.#queue;
    await this.#file.close();
    if (this.#failure !== null) throw this.#failure;
  }

  #enqueue(write: () => Promise<void>): void {
    this.#queue = this.#queue.then(write).catch((error: unknown) => {
      this.#failure ??= error;
    });
  }
}
