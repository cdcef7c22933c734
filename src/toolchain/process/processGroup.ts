import { spawn } from 'node:child_process';
import { StringDecoder } from 'node:string_decoder';

/** A program to run with all it starts. */
export interface GroupRun {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Ends the program and all it started. */
  readonly signal: AbortSignal;
  /** What it writes to either output, as it comes. */
  readonly onText: (text: string) => void;
}

/** How a program ended: by itself with a code, or by a signal. */
export interface GroupEnd {
  readonly exitCode: number | null;
  readonly endedBy: NodeJS.Signals | null;
}

/** Time for a program to put things in order after it was asked to end. */
const graceMs = 3000;

function signalGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal);
  } catch (error) {
    // ESRCH: all of it has ended.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/**
 * Runs a program as the leader of a process group, so that what it starts ends with it; resolves when nobody of the group
 * writes any more. Rejects with the system's error if it cannot be started.
 */
export function runGroup({ command, args, cwd, env, signal, onText }: GroupRun): Promise<GroupEnd> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      resolve({ exitCode: null, endedBy: 'SIGTERM' });
      return;
    }
    const child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const leader = child.pid;
    let hardEnd: NodeJS.Timeout | undefined;
    const end = () => {
      if (leader === undefined) return;
      signalGroup(leader, 'SIGTERM');
      hardEnd = setTimeout(() => signalGroup(leader, 'SIGKILL'), graceMs);
    };
    signal.addEventListener('abort', end, { once: true });
    const settle = () => {
      signal.removeEventListener('abort', end);
      clearTimeout(hardEnd);
      if (leader !== undefined) signalGroup(leader, 'SIGKILL');
    };
    for (const stream of [child.stdout, child.stderr]) {
      const decoder = new StringDecoder('utf8');
      stream.on('data', (bytes: Buffer) => onText(decoder.write(bytes)));
    }
    child.on('error', (error) => {
      settle();
      reject(error);
    });
    child.on('close', (exitCode, endedBy) => {
      settle();
      resolve({ exitCode, endedBy });
    });
  });
}
