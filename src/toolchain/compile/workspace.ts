import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '../../core/errors.js';
import { writeFileAtomically } from '../../files/atomicFile.js';
import { makeFolderAtomically, removeAbandoned } from '../../files/atomicFolder.js';
import { writeFault } from '../../files/fault.js';
import { makeOutputFolder } from '../../files/folders.js';
import { isRunning } from '../../files/processes.js';

/** Where the files of a stage are that has come to its end, now or in an earlier run. */
export interface FinishedStage {
  readonly folder: string;
  /** True if an earlier run made it. */
  readonly isKept: boolean;
  /** How long it took when it was made. */
  readonly seconds: number;
}

const noteName = 'stage.json';

interface StageNote {
  readonly key: string;
  readonly seconds: number;
}

/** The note of a stage folder; null if there is none that can be read, so that the stage is made anew. */
async function readNote(folder: string): Promise<StageNote | null> {
  try {
    const note: unknown = JSON.parse(await readFile(join(folder, noteName), 'utf8'));
    const { key, seconds } = note as Partial<StageNote>;
    return typeof key === 'string' && typeof seconds === 'number' ? { key, seconds } : null;
  } catch {
    return null;
  }
}

/**
 * The folder in which the stages of a compilation lie, each in a folder of its own that is whole or not there; a stage
 * whose inputs are those of an earlier run is not done again.
 */
export class Workspace {
  readonly path: string;
  /** Logs of the tools' last runs, also of those that failed. */
  readonly logs: string;
  readonly #lock: string;

  private constructor(path: string) {
    this.path = path;
    this.logs = join(path, 'logs');
    this.#lock = join(path, 'lock');
  }

  /** Throws ConfigError `output`, and `busy` while another process works there. */
  static async open(path: string): Promise<Workspace> {
    const workspace = new Workspace(path);
    makeOutputFolder(workspace.logs);
    await workspace.#takeLock();
    return workspace;
  }

  async #takeLock(): Promise<void> {
    const write = () => writeFile(this.#lock, String(process.pid), { flag: 'wx' });
    try {
      await write();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw this.#unwritable(error);
      const owner = Number(await readFile(this.#lock, 'utf8').catch(() => ''));
      if (isRunning(owner)) {
        throw new ConfigError('busy', `process ${owner} works in ${this.path}; wait for it, or end it`, {
          processId: owner,
        });
      }
      // Left by a process that was killed.
      await rm(this.#lock, { force: true });
      await write().catch((again: unknown) => {
        throw this.#unwritable(again);
      });
    }
  }

  #unwritable(error: unknown): ConfigError {
    return new ConfigError('output', `cannot write into ${this.path}: ${writeFault(error, this.#lock)}`, {
      path: this.path,
    });
  }

  /**
   * The stage of that name, made by `fill` in a neighbour of its folder unless it is there with this key.
   *
   * Throws what `fill` throws; the stage of an earlier run is then still there.
   */
  async stage(name: string, key: string, fill: (folder: string) => Promise<void>): Promise<FinishedStage> {
    const folder = join(this.path, name);
    const note = await readNote(folder);
    if (note?.key === key) return { folder, isKept: true, seconds: note.seconds };
    await removeAbandoned(folder);
    const begin = performance.now();
    const seconds = await makeFolderAtomically(
      folder,
      async (unfinished) => {
        await fill(unfinished);
        const spent = (performance.now() - begin) / 1000;
        await writeFile(join(unfinished, noteName), JSON.stringify({ key, seconds: spent }));
        await rm(folder, { recursive: true, force: true });
        return spent;
      },
      { isFillAborted: true },
    );
    return { folder, isKept: false, seconds };
  }

  /** A text that belongs to no stage; null if there is none. */
  async readRecord(name: string): Promise<string | null> {
    return readFile(join(this.path, name), 'utf8').catch(() => null);
  }

  async writeRecord(name: string, content: string): Promise<void> {
    await writeFileAtomically(join(this.path, name), content);
  }

  async close(): Promise<void> {
    await rm(this.#lock, { force: true });
  }
}
