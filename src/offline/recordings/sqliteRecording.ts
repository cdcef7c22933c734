import { ConfigError, describeError, SegError } from '../../core/errors.js';
import { limits } from '../../core/limits.js';
import type { ByteSource } from '../byteSource.js';
import { decompressMessage, type Decompress, loadDecompressions } from './decompression.js';
import type { RecordedMessage, RecordedSchema, RecordedTopic, RecordingFile } from './recordingFile.js';
import { SqliteDatabase, type SqlValue } from './sqliteDatabase.js';

const magic = 'SQLite format 3\0';

async function allRows(database: SqliteDatabase, sql: string): Promise<SqlValue[][]> {
  const rows: SqlValue[][] = [];
  for await (const row of database.rows(sql)) rows.push(row);
  return rows;
}

/** Definitions by type; those of rosbag2 before Jazzy have none. */
async function readSchemas(database: SqliteDatabase): Promise<Map<string, RecordedSchema>> {
  const tables = await allRows(
    database,
    "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'message_definitions'",
  );
  if (tables.length === 0) return new Map();
  const rows = await allRows(
    database,
    'SELECT topic_type, encoding, encoded_message_definition FROM message_definitions',
  );
  return new Map(
    rows.map(([type, encoding, text]) => [
      String(type),
      { encoding: String(encoding), data: new TextEncoder().encode(String(text)) },
    ]),
  );
}

async function readTopics(database: SqliteDatabase): Promise<Map<number, RecordedTopic>> {
  const schemas = await readSchemas(database);
  const counts = new Map(
    (await allRows(database, 'SELECT topic_id, COUNT(*) FROM messages GROUP BY topic_id')).map(
      ([id, count]) => [Number(id), Number(count)],
    ),
  );
  const rows = await allRows(database, 'SELECT id, name, type, serialization_format FROM topics ORDER BY id');
  return new Map(
    rows.map(([id, name, type, encoding]) => [
      Number(id),
      {
        name: String(name),
        type: String(type),
        encoding: String(encoding),
        schema: schemas.get(String(type)) ?? null,
        messageCount: counts.get(Number(id)) ?? 0,
      },
    ]),
  );
}

/** A file of rosbag2's sqlite3 storage. */
export class SqliteRecording implements RecordingFile {
  readonly topics: readonly RecordedTopic[];
  readonly remark = null;
  readonly #path: string;
  readonly #database: SqliteDatabase;
  readonly #topicOfId: ReadonlyMap<number, RecordedTopic>;
  readonly #zstd: Decompress;

  private constructor(
    path: string,
    database: SqliteDatabase,
    topicOfId: ReadonlyMap<number, RecordedTopic>,
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
      return new SqliteRecording(path, database, await readTopics(database), zstd);
    } catch (error) {
      if (error instanceof SegError) throw error;
      const what = `${path} cannot be read as rosbag2 writes it: ${describeError(error)}`;
      throw new ConfigError('source', what, { path });
    }
  }

  async *messages(
    isWanted: (topic: RecordedTopic) => boolean,
  ): AsyncGenerator<RecordedMessage | ConfigError> {
    const ids = [...this.#topicOfId].filter(([, topic]) => isWanted(topic)).map(([id]) => id);
    if (ids.length === 0) return;
    const where = `topic_id IN (${ids.join(', ')})`;
    try {
      // The messages themselves are fetched one by one: where the times have no index, rows are sorted whole.
      const keys = this.#database.rows(
        `SELECT id, topic_id, timestamp, LENGTH(data) FROM messages WHERE ${where} ORDER BY timestamp, id`,
      );
      for await (const [id, topicId, timestamp, length] of keys)
        yield await this.#message(
          Number(id),
          this.#topicOfId.get(Number(topicId))!,
          BigInt(timestamp as number | bigint),
          Number(length),
        );
    } catch (error) {
      if (error instanceof SegError) throw error;
      yield this.#fault(`cannot be read any further: ${describeError(error)}`);
    }
  }

  async close(): Promise<void> {
    await this.#database.close();
  }

  async #message(
    id: number,
    topic: RecordedTopic,
    logTimeNs: bigint,
    lengthBytes: number,
  ): Promise<RecordedMessage | ConfigError> {
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
