import { ConfigError } from '../../core/errors.js';
import { limits } from '../../core/limits.js';
import type { RecordedSchema, RecordedTopic } from './recordingFile.js';
import type { SqliteDatabase, SqlValue } from './sqliteDatabase.js';

/** A topic's number as SQLite gives it: bigint beyond 2^53. */
export type TopicId = number | bigint;

/** What is read of each table of rosbag2, the key first. */
const columnsOf = {
  topics: ['id', 'name', 'type', 'serialization_format'],
  messages: ['id', 'topic_id', 'timestamp', 'data'],
} as const;
const definitionColumns = ['topic_type', 'encoding', 'encoded_message_definition'];

async function allRows(database: SqliteDatabase, sql: string): Promise<SqlValue[][]> {
  const rows: SqlValue[][] = [];
  for await (const row of database.rows(sql)) rows.push(row);
  return rows;
}

/** What SQLite has taken a name for: `table`, `view`, `virtual`; null where there is nothing of it. */
async function kindOf(database: SqliteDatabase, table: string): Promise<string | null> {
  const [row] = await allRows(
    database,
    `SELECT type FROM pragma_table_list('${table}') WHERE schema = 'main'`,
  );
  return row === undefined ? null : String(row[0]);
}

/**
 * Throws for what has the name of a table and computes its rows: a few bytes of SQL give rows without end, or values of a
 * gigabyte each.
 */
async function checkTable(
  database: SqliteDatabase,
  table: string,
  columns: readonly string[],
  key: string | null,
): Promise<void> {
  const kind = await kindOf(database, table);
  if (kind === null) throw new Error(`it has no table ${table}`);
  if (kind !== 'table') throw new Error(`${table} is a ${kind}; expected a table`);
  const found = new Map(
    (await allRows(database, `SELECT name, type, pk, hidden FROM pragma_table_xinfo('${table}')`)).map(
      ([name, type, order, hidden]) => [String(name).toLowerCase(), { type, order, hidden }],
    ),
  );
  for (const name of columns) {
    const column = found.get(name);
    if (column === undefined) throw new Error(`its table ${table} has no column ${name}`);
    if (column.hidden !== 0) throw new Error(`${table}.${name} is computed; expected a column of values`);
  }
  if (key === null) return;
  const { type, order } = found.get(key)!;
  if (String(type).toUpperCase() !== 'INTEGER' || order !== 1)
    throw new Error(`${table}.${key} is not the table's key; expected INTEGER PRIMARY KEY`);
}

/** Counts the texts of a recording's topics together, so that pages that are there twice do not fill memory. */
class Texts {
  #bytes = 0;

  of(value: SqlValue | undefined, what: string, mostBytes: number = limits.recordingTextBytes): string {
    const text = String(value);
    const sizeBytes = Buffer.byteLength(text);
    if (sizeBytes > mostBytes)
      throw new Error(`${what} has ${sizeBytes} bytes; expected at most ${mostBytes}`);
    this.#bytes += sizeBytes;
    if (this.#bytes > limits.recordingTextBytes)
      throw new Error(
        `names and definitions of its topics have more than ${limits.recordingTextBytes} bytes together`,
      );
    return text;
  }
}

/** Definitions by type; those of rosbag2 before Jazzy have none. */
async function readSchemas(database: SqliteDatabase, texts: Texts): Promise<Map<string, RecordedSchema>> {
  const schemas = new Map<string, RecordedSchema>();
  if ((await kindOf(database, 'message_definitions')) === null) return schemas;
  await checkTable(database, 'message_definitions', definitionColumns, null);
  for await (const [type, encoding, text] of database.rows(
    `SELECT ${definitionColumns.join(', ')} FROM message_definitions`,
  )) {
    const data = new TextEncoder().encode(texts.of(text, 'a definition'));
    const name = texts.of(type, 'the type of a definition', limits.messageTextBytes);
    schemas.set(name, { encoding: texts.of(encoding, 'its encoding', limits.messageTextBytes), data });
  }
  return schemas;
}

/**
 * The topics of a file of rosbag2 by their numbers, in the order of these. Throws an Error for tables that are not as rosbag2 makes
 * them, ConfigError `source` for more topics than a recording may have.
 */
export async function readSqliteTopics(
  database: SqliteDatabase,
  path: string,
): Promise<ReadonlyMap<TopicId, RecordedTopic>> {
  for (const [table, columns] of Object.entries(columnsOf))
    await checkTable(database, table, columns, columns[0]);
  const texts = new Texts();
  const schemas = await readSchemas(database, texts);
  const topics = new Map<TopicId, RecordedTopic>();
  for await (const [id, ...values] of database.rows(
    `SELECT ${columnsOf.topics.join(', ')} FROM topics ORDER BY id`,
  )) {
    const [name, type, encoding] = values.map((value) =>
      texts.of(value, `a text of topic ${id}`, limits.messageTextBytes),
    ) as [string, string, string];
    topics.set(id as TopicId, { name, type, encoding, schema: schemas.get(type) ?? null });
    if (topics.size <= limits.recordingTopics) continue;
    const what = `${path} has more than ${limits.recordingTopics} topics, which is what can be told apart in a recording`;
    throw new ConfigError('source', what, { path });
  }
  return topics;
}
