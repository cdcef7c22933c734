import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { demoModel, type Ended, pictures, runCli } from '../unit/toolchain/compile/standInTools.js';

/** What the vendor's own tools made of the demo model, for all tests of the run. */
export interface CompiledDemo {
  /** The command that was run. */
  readonly args: readonly string[];
  readonly ended: Ended;
  /** The folder of the results. */
  readonly folder: string;
  /** The name of all results, before `_modified.bin` and other endings. */
  readonly name: string;
  /** The compiled model. */
  readonly bin: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    compiledDemo: CompiledDemo;
  }
}

const folder = mkdtempSync(join(tmpdir(), 'genuine-'));

/** Compiles the demo model once: at O0, with few pictures, in less than a minute. */
export async function setup({ provide }: TestProject): Promise<void> {
  const name = 'shapes_seg_320_bayese_320x320_nv12';
  const line = ['model', 'compile', demoModel, '--images', pictures, '-o', folder];
  const args = [...line, '--calib-count', '8', '--optimize', 'O0'];
  const ended = await runCli(args, {});
  provide('compiledDemo', { args, ended, folder, name, bin: join(folder, `${name}_modified.bin`) });
}

/** Removes what was made. */
export function teardown(): void {
  rmSync(folder, { recursive: true });
}
