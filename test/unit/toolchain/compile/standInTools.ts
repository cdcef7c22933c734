import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { shellCommand } from '#dist/toolchain/text/shell.js';
import { readPinnedPackages } from '#dist/toolchain/install/pinnedPackages.js';

const cli = fileURLToPath(new URL('../../../../dist/cli/main.js', import.meta.url));
const standIn = fileURLToPath(new URL('standIn.cjs', import.meta.url));
const asset = (name: string) => fileURLToPath(new URL(`../../../../assets/${name}`, import.meta.url));
export const demoModel = asset('models/shapes-seg-320.onnx');
export const pictures = asset('evalset/images');

/** A program that passes for Python 3.10. */
export function makePython(path: string): string {
  writeFileSync(path, `#!/bin/sh\nexec '${process.execPath}' '${standIn}' "$@"\n`, { mode: 0o755 });
  return path;
}

/** A folder that passes for the installed toolchain. */
export function makeToolchain(folder: string): string {
  mkdirSync(join(folder, 'bin'), { recursive: true });
  makePython(join(folder, 'bin', 'python'));
  for (const tool of ['hb_mapper', 'hb_model_modifier', 'hb_model_info']) {
    writeFileSync(join(folder, 'bin', tool), '');
  }
  for (const { name, version } of readPinnedPackages()) {
    const metadata = `${name.replaceAll('-', '_')}-${version}.dist-info`;
    mkdirSync(join(folder, 'lib', 'python3.10', 'site-packages', metadata), { recursive: true });
  }
  return folder;
}

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command line, with a hook that sees its errors as they come. */
export function runCli(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  onStderr: (all: string, processId: number) => void = () => {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    // One that never returns has no status.
    const ends = { timeout: 900_000, killSignal: 'SIGKILL' } as const;
    const child = spawn(process.execPath, [cli, ...args], { env: { ...process.env, ...env }, ...ends });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (data) => {
      stdout += data;
    });
    child.stderr.on('data', (data) => {
      stderr += data;
      onStderr(stderr, child.pid!);
    });
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, stdout, stderr }));
    child.stdin.end();
  });
}

/** The command line at a terminal, where `typed` is written when the output ends in `question`. */
export function runAtTerminal(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  question: string,
  typed: string,
): Promise<Pick<Ended, 'status'> & { readonly shown: string }> {
  return new Promise((resolve, reject) => {
    const line = ['-qefc', shellCommand([process.execPath, cli, ...args]), '/dev/null'];
    const ends = { timeout: 900_000, killSignal: 'SIGKILL' } as const;
    const child = spawn('script', line, { env: { ...process.env, ...env }, ...ends });
    let shown = '';
    let isTyped = false;
    child.stdout.on('data', (data) => {
      shown += data;
      if (isTyped || !shown.includes(question)) return;
      isTyped = true;
      child.stdin.write(typed);
    });
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, shown }));
  });
}

/** The calls of tools since the last look, and the children that a tool that hangs has started. */
export class CallNotes {
  readonly path: string;
  #seen = 0;

  constructor(path: string) {
    this.path = path;
    writeFileSync(path, '');
  }

  take(): string[] {
    const lines = readFileSync(this.path, 'utf8').split('\n').slice(0, -1);
    const fresh = lines.slice(this.#seen);
    this.#seen = lines.length;
    return fresh;
  }
}

/** False also for a process that has ended and that nobody has asked for its code. */
export function isRunning(processId: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${processId}/status`, 'utf8'));
  } catch {
    return false;
  }
}
