import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
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
  /** Takes the standard output instead, for a program that is talked with. */
  readonly onAnswer?: (text: string) => void;
  /** Gets the standard input when the program has started; without it there is none. */
  readonly onStart?: (input: Writable) => void;
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
export function runGroup(run: GroupRun): Promise<GroupEnd> {
  const { command, args, cwd, env, signal, onText, onAnswer = onText, onStart } = run;
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      resolve({ exitCode: null, endedBy: 'SIGTERM' });
      return;
    }
    const child = spawn(command, args, { cwd, env, detached: true });
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
    for (const [stream, tell] of [
      [child.stdout, onAnswer],
      [child.stderr, onText],
    ] as const) {
      const decoder = new StringDecoder('utf8');
      stream.on('data', (bytes: Buffer) => tell(decoder.write(bytes)));
    }
    // One that has ended takes no input; how it ended is told below.
    child.stdin.on('error', () => undefined);
    if (onStart === undefined) child.stdin.end();
    else onStart(child.stdin);
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
