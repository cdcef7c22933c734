import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { OutputFolder } from '../files/folders.js';
import { cannotWrite, checkWritable, takeName, unfinishedPath } from '../files/atomicFile.js';
import { hasOwnFile, type InputSource } from './offlineInput.js';

/** Of the file with all pictures. */
const picturesName = 'pictures';

interface OpenFile {
  readonly path: string;
  readonly file: FileHandle;
}

/**
 * Writes what was found as lines of text: a file for each recording and one for all pictures. Each takes its name when it
 * is whole.
 */
export class LineFiles {
  readonly #folder: OutputFolder;
  readonly #ending: string;
  readonly #lastLines: (source: InputSource | null) => string;
  readonly #files = new Map<InputSource | null, OpenFile>();

  /**
   * @param ending Of the files' names.
   * @param lastLines What ends the file of a source, null for that of all pictures; by default nothing.
   */
  constructor(folder: string, ending: string, lastLines: (source: InputSource | null) => string = () => '') {
    this.#folder = new OutputFolder(folder);
    this.#ending = ending;
    this.#lastLines = lastLines;
  }

  /** In the order of the inputs; none, one or several whole lines. Throws ConfigError `output`. */
  async add(source: InputSource, lines: string): Promise<void> {
    const key = hasOwnFile(source) ? source : null;
    for (const other of this.#files.keys()) {
      // Recordings come one after the other, pictures between them.
      if (other !== null && other !== key) await this.#finish(other);
    }
    await append(await this.#fileOf(key), lines);
  }

  /** Ends the files that are still open. */
  async finish(): Promise<void> {
    for (const key of this.#files.keys()) await this.#finish(key);
  }

  /** Leaves nothing of files that are not finished, nor a folder without a file. */
  async close(): Promise<void> {
    for (const { path, file } of this.#files.values()) {
      await file.close();
      await rm(unfinishedPath(path), { force: true });
    }
    this.#files.clear();
    this.#folder.removeEmpty();
  }

  async #finish(key: InputSource | null): Promise<void> {
    const { path, file } = this.#files.get(key)!;
    await append({ path, file }, this.#lastLines(key));
    await file.close();
    await takeName(path);
    this.#files.delete(key);
  }

  async #fileOf(key: InputSource | null): Promise<OpenFile> {
    const known = this.#files.get(key);
    if (known !== undefined) return known;
    const path = join(this.#folder.path, `${key?.name ?? picturesName}.${this.#ending}`);
    this.#folder.make();
    await checkWritable(path);
    const file = await open(unfinishedPath(path), 'w').catch((error: unknown) => {
      throw cannotWrite(path, error);
    });
    const opened = { path, file };
    this.#files.set(key, opened);
    return opened;
  }
}

async function append({ path, file }: OpenFile, lines: string): Promise<void> {
  await file.appendFile(lines).catch((error: unknown) => {
    throw cannotWrite(path, error);
  });
}
