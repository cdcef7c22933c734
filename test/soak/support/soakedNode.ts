import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NodeProcess, type NodeStart } from '../../ros2/support/nodeProcess.js';
import { until } from '../../ros2/support/peer.js';
import { type ProcessFigures, readProcess } from './processFigures.js';

const probe = new URL('./memoryProbe.mjs', import.meta.url).href;

/** What a node holds; V8's part of it right after a collection. */
export interface Held extends ProcessFigures {
  readonly heapUsedMib: number;
  readonly heapReservedMib: number;
  /** Memory of buffers, outside of V8's heap. */
  readonly buffersMib: number;
}

/** A node that can be asked what it holds. */
export class SoakedNode extends NodeProcess {
  readonly #file: string;

  constructor(folder: string, start: NodeStart) {
    const file = join(folder, `probe-${process.pid}-${performance.now().toFixed(0)}.jsonl`);
    super({ ...start, env: { ...start.env, NODE_OPTIONS: `--import ${probe}`, RDK_SOAK_PROBE: file } });
    this.#file = file;
  }

  /** Collects garbage in the node and reads what is left. */
  async held(): Promise<Held> {
    this.signal('SIGUSR2');
    const isWritten = () => existsSync(this.#file) && readFileSync(this.#file, 'utf8').endsWith('\n');
    await until(isWritten, 20_000, () => `the node did not answer SIGUSR2:\n${this.log.slice(-2000)}`);
    const answer = readFileSync(this.#file, 'utf8');
    rmSync(this.#file);
    const { heapUsed, heapTotal, external } = JSON.parse(answer) as NodeJS.MemoryUsage;
    const mib = (bytes: number) => bytes / 1024 ** 2;
    return {
      ...readProcess(this.pid),
      heapUsedMib: mib(heapUsed),
      heapReservedMib: mib(heapTotal),
      buffersMib: mib(external),
    };
  }
}

/** Root of the checkout. */
export const root = fileURLToPath(new URL('../../../', import.meta.url));
