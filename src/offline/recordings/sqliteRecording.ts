import { ConfigError, describeError, SegError } from '../../core/errors.js';
import { limits } from '../../core/limits.js';
import { valueText } from '../../core/words.js';
import type { ByteSource } from '../byteSource.js';
import { decompressMessage, type Decompress, loadDecompressions } from './decompression.js';
import { inOrder } from './inOrder.js';
import type { RecordedMessage, RecordedTopic, RecordingFile } from './recordingFile.js';
import { SqliteDatabase, type SqlValue } from './sqliteDatabase.js';
import { readSqliteTopics, type TopicId } from './sqliteSchema.js';

const magic = 'SQLite format 3\0';

/** How many keys of messages are kept where they have to be put in order here: some 15 MB. */
const keptKeys = 2 ** 16;

/** Where a message is, and when it came. */
interface MessageKey {
  readonly id: number | bigint;
  readonly topicId: SqlValue;
  readonly time: SqlValue;
  readonly lengthBytes: number;
}

function keyOf([id, topicId = null, time = null, length]: SqlValue[]): MessageKey {
  return { id: id as number | bigint, topicId, time, lengthBytes: Number(length) };
}

/** A time in nanoseconds; null for a value that is none, which a column may hold whatever its table says. */
function timeOf(value: SqlValue): bigint | null {
  const isWhole = typeof value === 'bigint' || Number.isSafeInteger(value);
  return isWhole && (value as number | bigint) >= 0 ? BigInt(value as number | bigint) : null;
}

/** Those without a time first. */
function byTime(a: MessageKey, b: MessageKey): number {
  const [one, other] = [timeOf(a.time) ?? -1n, timeOf(b.time) ?? -1n];
  if (one !== other) return one < other ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}

/** A file of rosbag2's sqlite3 storage. */
export class SqliteRecording implements RecordingFile {
  readonly topics: readonly RecordedTopic[];
  readonly remark = null;
  readonly #path: string;
  readonly #database: SqliteDatabase;
  readonly #topicOfId: ReadonlyMap<TopicId, RecordedTopic>;
  readonly #zstd: Decompress;

  private constructor(
    path: string,
    database: SqliteDatabase,
    topicOfId: ReadonlyMap<TopicId, RecordedTopic>,
    zstd: Decompress,
  ) {
    this.#path = path;
    this.#database = database;
    this.#topicOfId = topicOfId;
    this.topics = [...topicOfId.values()];
    this.#zstd = zstd;
  }

  /** The source is the recording's to close, unless this throws. Throws ConfigError `source` for a file of another kind. */
  static async open(source: ByteSource): Promise<SqliteRecording> {
    const { path } = source;
    const sizeBytes = await source.size();
    const length = sizeBytes < magic.length ? sizeBytes : BigInt(magic.length);
    const start = Buffer.from(await source.read(0n, length)).toString('latin1');
    if (start !== magic) {
      const what = sizeBytes === 0n ? 'is empty' : 'is no file of SQLite: it does not begin as one';
      throw new ConfigError('source', `${path} ${what}`, { path });
    }
    try {
      const database = await SqliteDatabase.open(source);
      const { zstd } = await loadDecompressions();
      return new SqliteRecording(path, database, await readSqliteTopics(database, path), zstd);
    } catch (error) {
      if (error instanceof SegError) throw error;
      const what = `${path} cannot be read as rosbag2 writes it: ${describeError(error)}`;
      throw new ConfigError('source', what, { path });
    }
  }

  async countMessages(isWanted: (topic: RecordedTopic) => boolean): Promise<number | null> {
    const where = this.#where(isWanted);
    if (where === null) return 0;
    const sql = `SELECT COUNT(*) FROM messages NOT INDEXED WHERE ${where}`;
    try {
      for await (const [count] of this.#database.rows(sql)) return Number(count);
    } catch (error) {
      if (error instanceof SegError) throw error;
    }
    // A damaged file: what is before the damage is read all the same.
    return null;
  }

  async *messages(
    isWanted: (topic: RecordedTopic) => boolean,
  ): AsyncGenerator<RecordedMessage | ConfigError> {
    const where = this.#where(isWanted);
    if (where === null) return;
    try {
      for await (const key of this.#keys(where)) yield await this.#message(key);
    } catch (error) {
      if (error instanceof SegError) throw error;
      yield this.#fault(`cannot be read any further: ${describeError(error)}`);
    }
  }

  async close(): Promise<void> {
    await this.#database.close();
  }

  /** Null where no topic is wanted. */
  #where(isWanted: (topic: RecordedTopic) => boolean): string | null {
    const ids = [...this.#topicOfId].filter(([, topic]) => isWanted(topic)).map(([id]) => id);
    return ids.length === 0 ? null : `topic_id IN (${ids.join(', ')})`;
  }

  /**
   * The messages themselves are fetched one by one, by what is listed here in the order of time: that of rosbag2's index, or put
   * in order where a file has none, since SQLite would sort in a file.
   */
  async *#keys(where: string): AsyncGenerator<MessageKey> {
    const columns = 'id, topic_id, timestamp, LENGTH(data)';
    const byIndex = `SELECT ${columns} FROM messages WHERE ${where} ORDER BY timestamp, id`;
    if (!(await this.#isSorted(byIndex))) {
      for await (const row of this.#database.rows(byIndex)) yield keyOf(row);
      return;
    }
    const rows = this.#database.rows.bind(this.#database);
    async function* scan() {
      for await (const row of rows(`SELECT ${columns} FROM messages NOT INDEXED WHERE ${where}`))
        yield keyOf(row);
    }
    yield* inOrder(scan, byTime, keptKeys);
  }

  /** True where SQLite would have to sort for it. */
  async #isSorted(sql: string): Promise<boolean> {
    for await (const row of this.#database.rows(`EXPLAIN QUERY PLAN ${sql}`))
      if (String(row.at(-1)).includes('TEMP B-TREE')) return true;
    return false;
  }

  async #message({ id, topicId, time, lengthBytes }: MessageKey): Promise<RecordedMessage | ConfigError> {
    const topic = this.#topicOfId.get(topicId as TopicId);
    if (topic === undefined) return this.#fault(`message ${id} has no topic`);
    const logTimeNs = timeOf(time);
    if (logTimeNs === null)
      return this.#fault(`message ${id} of ${topic.name} has no time in nanoseconds: ${valueText(time)}`);
    if (lengthBytes > limits.recordingPartBytes)
      return this.#fault(
        `message ${id} of ${topic.name} has ${lengthBytes} bytes; at most ${limits.recordingPartBytes} are read`,
      );
    try {
      for await (const [data] of this.#database.rows('SELECT data FROM messages WHERE id = ?', id))
        if (data instanceof Uint8Array) return { topic, logTimeNs, cdr: decompressMessage(data, this.#zstd) };
      return this.#fault(`message ${id} of ${topic.name} has no data`);
    } catch (error) {
      if (error instanceof SegError) throw error;
      return this.#fault(`message ${id} of ${topic.name} cannot be read: ${describeError(error)}`);
    }
  }

  #fault(what: string): ConfigError {
    return new ConfigError('recording', `${this.#path}: ${what}`, { path: this.#path });
  }
}
