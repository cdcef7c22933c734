import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { limits } from '../../core/limits.js';
import type { ByteSource } from '../byteSource.js';

/** A value of a column; integers beyond 2^53 come as bigint, blobs as memory of their own. */
export type SqlValue = number | bigint | string | Uint8Array | null;

/** What is read at once, from the first page of several on: those of a picture lie one behind the other. */
const leastReadBytes = 16 * 1024;
const mostReadBytes = 1024 * 1024;

/** The file system as SQLite sees it: one file that nobody changes. */
class OneFile {
  readonly name = 'one-file';
  readonly #source: ByteSource;
  readonly #sizeBytes: number;
  readonly #codes: typeof import('wa-sqlite');
  #window: Uint8Array = new Uint8Array(0);
  #windowAt = 0;
  #readBytes = leastReadBytes;
  #isWaiting = false;
  /** Why the last read failed; SQLite itself knows a number. */
  failure: unknown = null;
  /** Set by SQLite. */
  handleAsync!: (work: () => Promise<number>) => number;

  constructor(source: ByteSource, sizeBytes: number, codes: typeof import('wa-sqlite')) {
    this.#source = source;
    this.#sizeBytes = sizeBytes;
    this.#codes = codes;
  }

  xOpen(_name: string | null, _file: number, flags: number, outFlags: DataView): number {
    if ((flags & this.#codes.SQLITE_OPEN_MAIN_DB) === 0) {
      this.failure = new Error('SQLite asks for a temporary file, and nothing is written here');
      return this.#codes.SQLITE_CANTOPEN;
    }
    outFlags.setInt32(0, flags, true);
    return this.#codes.SQLITE_OK;
  }

  xRead(_file: number, into: Uint8Array, offset: number): number {
    if (offset + into.length > this.#sizeBytes) {
      into.fill(0);
      return this.#codes.SQLITE_IOERR_SHORT_READ;
    }
    if (this.#isWaiting) {
      // SQLite calls once more to get what it waited for.
      this.#isWaiting = false;
      return this.handleAsync(async () => this.#codes.SQLITE_ABORT);
    }
    if (this.#copy(into, offset)) return this.#codes.SQLITE_OK;
    this.#isWaiting = true;
    return this.handleAsync(async () => {
      try {
        await this.#fill(offset, into.length);
      } catch (error) {
        this.failure = error;
        return this.#codes.SQLITE_IOERR;
      }
      this.#copy(into, offset);
      return this.#codes.SQLITE_OK;
    });
  }

  xFileSize(_file: number, size: DataView): number {
    size.setBigInt64(0, BigInt(this.#sizeBytes), true);
    return this.#codes.SQLITE_OK;
  }

  /** There is no journal beside it: whoever opens a recording has looked. */
  xAccess(_name: string, _flags: number, exists: DataView): number {
    exists.setInt32(0, 0, true);
    return this.#codes.SQLITE_OK;
  }

  /** So that neither locks nor a writer's log are asked for. */
  xDeviceCharacteristics(): number {
    return this.#codes.SQLITE_IOCAP_IMMUTABLE;
  }

  xClose = () => this.#codes.SQLITE_OK;
  xLock = () => this.#codes.SQLITE_OK;
  xUnlock = () => this.#codes.SQLITE_OK;
  xCheckReservedLock = () => this.#codes.SQLITE_OK;
  xSync = () => this.#codes.SQLITE_OK;
  xFileControl = () => this.#codes.SQLITE_NOTFOUND;
  xWrite = () => this.#codes.SQLITE_READONLY;
  xTruncate = () => this.#codes.SQLITE_READONLY;
  xDelete = () => this.#codes.SQLITE_READONLY;

  async #fill(offset: number, leastBytes: number): Promise<void> {
    const goesOn = offset === this.#windowAt + this.#window.length;
    this.#readBytes = goesOn ? Math.min(this.#readBytes * 4, mostReadBytes) : leastReadBytes;
    const length = Math.min(Math.max(this.#readBytes, leastBytes), this.#sizeBytes - offset);
    this.#window = await this.#source.read(BigInt(offset), BigInt(length));
    this.#windowAt = offset;
  }

  #copy(into: Uint8Array, offset: number): boolean {
    const at = offset - this.#windowAt;
    if (at < 0 || at + into.length > this.#window.length) return false;
    into.set(this.#window.subarray(at, at + into.length));
    return true;
  }
}

/**
 * Instructions of SQLite's machine that a statement may take: a row takes some 20 of them and 18 bytes at least. In a damaged
 * file pages may hold each other, which makes rows without end.
 */
const instructionsPerByte = 4;
const leastInstructions = 1_000_000;
const instructionsAtOnce = 10_000;

/** What a row may have beside the longest value that is read. */
const rowBytesBeside = 64 * 1024;

/** How much a statement may still do. */
interface Work {
  instructionsLeft: number;
}

/**
 * Reads a file of SQLite in parts, wherever its bytes come from, and without writing or locking anything. Statements that SQLite
 * can only answer by sorting more than some MB are refused, since it would do that in a temporary file.
 */
export class SqliteDatabase {
  readonly #source: ByteSource;
  readonly #api: SQLiteAPI;
  readonly #file: OneFile;
  readonly #database: number;
  readonly #mostInstructions: number;
  /** Of the statement that takes a step: one at a time does. */
  #work: Work = { instructionsLeft: 0 };

  private constructor(
    source: ByteSource,
    api: SQLiteAPI,
    file: OneFile,
    database: number,
    sizeBytes: number,
  ) {
    this.#source = source;
    this.#api = api;
    this.#file = file;
    this.#database = database;
    this.#mostInstructions = leastInstructions + instructionsPerByte * sizeBytes;
    api.progress_handler(
      database,
      instructionsAtOnce,
      () => {
        this.#work.instructionsLeft -= instructionsAtOnce;
        return this.#work.instructionsLeft < 0 ? 1 : 0;
      },
      null,
    );
  }

  /** The source is the database's to close, unless this throws: an Error of SQLite's, or what the source throws. */
  static async open(source: ByteSource): Promise<SqliteDatabase> {
    const [sqlite, { default: load }] = await Promise.all([
      import('wa-sqlite'),
      import('wa-sqlite/dist/wa-sqlite-async.mjs'),
    ]);
    const program = fileURLToPath(import.meta.resolve('wa-sqlite/dist/wa-sqlite-async.wasm'));
    // A module of its own for each: one that waits for a read takes no other call.
    const api = sqlite.Factory(await load({ wasmBinary: await readFile(program) }));
    const sizeBytes = Number(await source.size());
    const file = new OneFile(source, sizeBytes, sqlite);
    api.vfs_register(file, false);
    const database = await api.open_v2('recording', sqlite.SQLITE_OPEN_READONLY, file.name);
    // Of values, wherever they come from: a function of SQL makes a gigabyte of nothing.
    api.limit(database, sqlite.SQLITE_LIMIT_LENGTH, limits.recordingPartBytes + rowBytesBeside);
    return new SqliteDatabase(source, api, file, database, sizeBytes);
  }

  /** The rows of a query, one at a time. Rejects with SQLite's Error, or with what the source threw. */
  async *rows(sql: string, ...values: (number | bigint)[]): AsyncGenerator<SqlValue[]> {
    const work: Work = { instructionsLeft: this.#mostInstructions };
    this.#work = work;
    try {
      for await (const statement of this.#api.statements(this.#database, sql)) {
        values.forEach((value, index) => {
          this.#api.bind_int64(statement, index + 1, BigInt(value));
        });
        while ((await this.#step(statement, work)) === rowIsThere) yield this.#row(statement);
      }
    } catch (error) {
      const { failure } = this.#file;
      this.#file.failure = null;
      if (failure === null && work.instructionsLeft < 0)
        throw new Error(
          `it has more rows than a file of its size can have: SQLite gave up after ${this.#mostInstructions} steps`,
        );
      throw failure ?? error;
    }
  }

  async close(): Promise<void> {
    await this.#api.close(this.#database);
    await this.#source.close();
  }

  async #step(statement: number, work: Work): Promise<number> {
    this.#work = work;
    return this.#api.step(statement);
  }

  #row(statement: number): SqlValue[] {
    return Array.from({ length: this.#api.column_count(statement) }, (_, column) => {
      const value = this.#api.column(statement, column) as SqlValue;
      // It lies in SQLite's memory.
      return value instanceof Uint8Array ? value.slice() : value;
    });
  }
}

/** SQLITE_ROW */
const rowIsThere = 100;
