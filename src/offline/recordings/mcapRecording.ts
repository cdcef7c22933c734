import { hasMcapPrefix, McapIndexedReader, McapRecordBuilder, McapStreamReader } from '@mcap/core';
import type { McapTypes } from '@mcap/core';
import { ConfigError, describeError, SegError } from '../../core/errors.js';
import { limits } from '../../core/limits.js';
import { counted } from '../../core/words.js';
import type { ByteSource } from '../byteSource.js';
import { checkPartSize, type Decompress, decompressMessage, loadDecompressions } from './decompression.js';
import { McapTopics } from './mcapTopics.js';
import type { RecordedMessage, RecordedTopic, RecordingFile } from './recordingFile.js';

type ChunkIndex = McapTypes.TypedMcapRecords['ChunkIndex'];
type Message = McapTypes.TypedMcapRecords['Message'];
type Decompressions = Record<'lz4' | 'zstd', Decompress>;

const magicBytes = 8n;
/** How much of a file without an index is read at once. */
const pieceBytes = 1024 * 1024;

function byTime(a: bigint, b: bigint): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** What is asked for by a file's own words stays inside of it, and small. */
class Parts {
  readonly #source: ByteSource;
  readonly #sizeBytes: bigint;

  constructor(source: ByteSource, sizeBytes: bigint) {
    this.#source = source;
    this.#sizeBytes = sizeBytes;
  }

  async size(): Promise<bigint> {
    return this.#sizeBytes;
  }

  async read(offset: bigint, length: bigint): Promise<Uint8Array> {
    if (offset + length > this.#sizeBytes)
      throw new Error(`a part of it ends at byte ${offset + length}, the file at ${this.#sizeBytes}`);
    checkPartSize(length, `the part at byte ${offset}`);
    return this.#source.read(offset, length);
  }
}

/** An MCAP file; by its index where it has one, else from its start to its end. */
export class McapRecording implements RecordingFile {
  readonly topics: readonly RecordedTopic[] | null;
  readonly remark: string | null;
  readonly #source: ByteSource;
  readonly #parts: Parts;
  readonly #index: McapIndexedReader | null;
  readonly #decompressions: Decompressions;
  readonly #topics = new McapTopics();

  private constructor(
    source: ByteSource,
    parts: Parts,
    index: McapIndexedReader | string,
    decompressions: Decompressions,
  ) {
    this.#source = source;
    this.#parts = parts;
    this.#decompressions = decompressions;
    this.#index = typeof index === 'string' ? null : index;
    this.remark = typeof index === 'string' ? `${source.path} is read from its start: ${index}` : null;
    if (this.#index === null) {
      this.topics = null;
      return;
    }
    const { channelsById, schemasById } = this.#index;
    for (const schema of schemasById.values()) this.#topics.addSchema(schema);
    for (const channel of channelsById.values()) this.#topics.addChannel(channel);
    this.topics = [...this.#topics.ofChannel.values()];
  }

  /** The source is the recording's to close, unless this throws. Throws ConfigError `source` for a file of another kind. */
  static async open(source: ByteSource): Promise<McapRecording> {
    const sizeBytes = await source.size();
    const start = await source.read(0n, sizeBytes < magicBytes ? sizeBytes : magicBytes);
    if (!hasMcapPrefix(new DataView(start.buffer, start.byteOffset, start.byteLength))) {
      const what = sizeBytes === 0n ? 'is empty' : 'is no MCAP file: it does not begin as one';
      throw new ConfigError('source', `${source.path} ${what}`, { path: source.path });
    }
    const decompressions = await loadDecompressions();
    const parts = new Parts(source, sizeBytes);
    const index = await McapIndexedReader.Initialize({ readable: parts }).catch((error: unknown) => {
      // The source fails, not what it holds.
      if (error instanceof SegError) throw error;
      return `its index cannot be read (${describeError(error)})`;
    });
    try {
      return new McapRecording(source, parts, index, decompressions);
    } catch (error) {
      const what = `${source.path} cannot be read: ${describeError(error)}`;
      throw new ConfigError('source', what, { path: source.path });
    }
  }

  async countMessages(isWanted: (topic: RecordedTopic) => boolean): Promise<number | null> {
    return this.#countOf(this.#channelsOf(isWanted));
  }

  async *messages(
    isWanted: (topic: RecordedTopic) => boolean,
  ): AsyncGenerator<RecordedMessage | ConfigError> {
    const index = this.#index;
    if (index === null || index.chunkIndexes.length === 0) {
      yield* this.#fromStart(isWanted);
      return;
    }
    const wanted = this.#channelsOf(isWanted);
    let read = 0;
    let hasFailed = false;
    const chunks = index.chunkIndexes
      // Empty where the recorder did not index messages.
      .filter(({ messageIndexOffsets: at }) => at.size === 0 || [...wanted].some((id) => at.has(id)))
      .sort(
        (a, b) =>
          byTime(a.messageStartTime, b.messageStartTime) || byTime(a.chunkStartOffset, b.chunkStartOffset),
      );
    this.#source.expect?.(
      chunks.map(({ chunkStartOffset, chunkLength }) => ({ offset: chunkStartOffset, length: chunkLength })),
    );
    for (const chunk of chunks) {
      for (const message of await this.#chunkMessages(index, chunk, wanted)) {
        const one = message instanceof ConfigError ? message : this.#recorded(message);
        if (one instanceof ConfigError) hasFailed = true;
        else read++;
        yield one;
      }
    }
    const expected = this.#countOf(wanted);
    if (!hasFailed && expected !== null && expected !== read)
      yield this.#fault(
        `its statistics tell ${counted(expected, 'message')} of these topics, its chunks hold ${read}`,
      );
  }

  async close(): Promise<void> {
    await this.#source.close();
  }

  #channelsOf(isWanted: (topic: RecordedTopic) => boolean): ReadonlySet<number> {
    return new Set([...this.#topics.ofChannel].filter(([, topic]) => isWanted(topic)).map(([id]) => id));
  }

  /** What the statistics of the index say; null without them. */
  #countOf(channels: ReadonlySet<number>): number | null {
    const counts = this.#index?.statistics?.channelMessageCounts;
    if (counts === undefined) return null;
    return [...channels].reduce((sum, id) => sum + Number(counts.get(id) ?? 0n), 0);
  }

  /** The wanted messages of a chunk in the order of time, views of its memory; or why it cannot be read. */
  async #chunkMessages(
    { channelsById }: McapIndexedReader,
    { chunkStartOffset, chunkLength, uncompressedSize }: ChunkIndex,
    wanted: ReadonlySet<number>,
  ): Promise<readonly (Message | ConfigError)[]> {
    const messages: Message[] = [];
    try {
      checkPartSize(uncompressedSize, 'it, uncompressed,');
      // A channel may have been told in a chunk before.
      const channels = new McapRecordBuilder();
      for (const channel of channelsById.values()) channels.writeChannel(channel);
      const reader = new McapStreamReader({
        noMagicPrefix: true,
        includeChunks: true,
        decompressHandlers: this.#decompressions,
      });
      reader.append(channels.buffer);
      reader.append(await this.#parts.read(chunkStartOffset, chunkLength));
      let isChunk = false;
      for (let record = reader.nextRecord(); record !== undefined; record = reader.nextRecord()) {
        if (record.type === 'Chunk') isChunk = true;
        if (record.type === 'Message' && wanted.has(record.channelId)) messages.push(record);
        if (messages.length > limits.chunkMessages)
          throw new Error(`it has more than ${limits.chunkMessages} messages of pictures`);
      }
      if (!isChunk || reader.bytesRemaining() > 0) throw new Error('there is no whole chunk there');
    } catch (error) {
      if (error instanceof SegError) throw error;
      return [this.#fault(`the chunk at byte ${chunkStartOffset} cannot be read: ${describeError(error)}`)];
    }
    return messages.sort((a, b) => byTime(a.logTime, b.logTime));
  }

  /** Every message in the order of the file, up to where it cannot be read any more. */
  async *#fromStart(
    isWanted: (topic: RecordedTopic) => boolean,
  ): AsyncGenerator<RecordedMessage | ConfigError> {
    const reader = new McapStreamReader({ decompressHandlers: this.#decompressions });
    const sizeBytes = await this.#parts.size();
    let read = 0;
    for (let offset = 0n; offset < sizeBytes && !reader.done(); ) {
      const left = sizeBytes - offset;
      const length = left < pieceBytes ? left : BigInt(pieceBytes);
      reader.append(await this.#parts.read(offset, length));
      offset += length;
      for (;;) {
        const record = this.#nextRecord(reader, read);
        if (record === undefined) break;
        if (record instanceof ConfigError) {
          yield record;
          return;
        }
        if (record.type !== 'Message' || !isWanted(this.#topics.ofChannel.get(record.channelId)!)) continue;
        read++;
        yield this.#recorded(record);
      }
      if (reader.bytesRemaining() > limits.recordingPartBytes) {
        yield this.#fault(
          `a part of it that begins before byte ${offset - BigInt(limits.recordingPartBytes)} has more than ${limits.recordingPartBytes / 1024 / 1024} MiB, which is the most that is read at once`,
        );
        return;
      }
    }
    if (!reader.done())
      yield this.#fault(`it is cut off at byte ${sizeBytes}: ${counted(read, 'message')} before are whole`);
  }

  /** Knows its channel, where it is a message. */
  #nextRecord(reader: McapStreamReader, read: number): McapTypes.TypedMcapRecord | ConfigError | undefined {
    try {
      const record = reader.nextRecord();
      if (record?.type === 'Schema') this.#topics.addSchema(record);
      if (record?.type === 'Channel') this.#topics.addChannel(record);
      return record;
    } catch (error) {
      return this.#fault(`it cannot be read behind ${counted(read, 'message')}: ${describeError(error)}`);
    }
  }

  #recorded({ channelId, logTime, data }: Message): RecordedMessage | ConfigError {
    const topic = this.#topics.ofChannel.get(channelId)!;
    try {
      // A copy: the next message is read into the same memory, and a chunk is not to stay for one of its messages.
      const cdr = decompressMessage(data, this.#decompressions.zstd);
      return { topic, logTimeNs: logTime, cdr: cdr === data ? data.slice() : cdr };
    } catch (error) {
      return this.#fault(`a message of ${topic.name} cannot be decompressed: ${describeError(error)}`);
    }
  }

  #fault(what: string): ConfigError {
    const { path } = this.#source;
    return new ConfigError('recording', `${path}: ${what}`, { path });
  }
}
