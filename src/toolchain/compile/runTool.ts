import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, describeError, SegError } from '../../core/errors.js';
import { freeBytes } from '../../files/folders.js';
import { isDiskFull } from '../../files/fault.js';
import { readMapperLog } from '../logs/mapperLog.js';
import { describeRunEnd } from '../logs/runEnd.js';
import type { GroupEnd } from '../process/processGroup.js';
import { readLogLines } from '../text/logLines.js';
import { type ToolProgress, ToolProgressReader } from './toolProgress.js';
import type { ToolRunner, VendorTool } from './toolRunner.js';
import type { Workspace } from './workspace.js';

/** One run of a tool in a workspace. */
export interface ToolRun {
  readonly runner: ToolRunner;
  readonly workspace: Workspace;
  readonly tool: VendorTool;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The file that the tool itself writes into `cwd`. */
  readonly logName: string;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: ToolProgress) => void;
}

/** Below this the disk is full for a tool, which may not say so. */
const leastFreeBytes = 32e6;

const signalMeanings: Partial<Record<NodeJS.Signals, string>> = {
  SIGKILL: 'most often because memory ran out: give it more, or fewer --jobs',
  SIGSEGV: 'a fault of the tool itself',
  SIGBUS: 'room ran out on the disk or in /dev/shm',
  SIGILL: 'this processor lacks instructions the tool was built with, such as AVX',
};

function describeEnd({ exitCode, endedBy }: GroupEnd): string {
  if (endedBy === null) return `ended with ${exitCode}`;
  const meaning = signalMeanings[endedBy];
  return `was ended by ${endedBy}${meaning === undefined ? '' : `, ${meaning}`}`;
}

/** What the tool says of its failure; empty where it says nothing. The console has levels, which the log lacks. */
function reasonOf(consoleText: string, log: string): string {
  for (const text of [consoleText, log]) {
    try {
      const end = readMapperLog(text, 'log');
      if (end.state === 'failed') return describeRunEnd(end);
    } catch (error) {
      // Not a text of hb_mapper, as where Python itself failed to start.
      if (!(error instanceof ConfigError)) throw error;
    }
  }
  const last = readLogLines(consoleText).findLast(({ text }) => text.trim() !== '');
  return last === undefined ? 'it said nothing' : `its last line is ${JSON.stringify(last.text.trim())}`;
}

/**
 * Runs a tool and keeps its log, whatever becomes of the run. Resolves with the log's text.
 *
 * Throws the reason of an interruption, and SegError `tool_failed` with the tool's reason in its step, the log, and how
 * to go on.
 */
export async function runTool(run: ToolRun): Promise<string> {
  const { runner, workspace, tool, args, cwd, logName, signal, onProgress } = run;
  const reader = new ToolProgressReader(onProgress);
  let consoleText = '';
  const name = tool === 'hb_mapper' ? `hb_mapper ${args[0]}` : tool;
  const end = await runner
    .run({
      tool,
      args,
      cwd,
      signal,
      onText: (text) => {
        consoleText += text;
        reader.read(text);
      },
    })
    .catch((error: unknown) => {
      throw new SegError('tool_failed', `${name} does not start: ${describeError(error)}`, { tool }, error);
    });
  signal.throwIfAborted();
  const logPath = join(workspace.logs, logName);
  const written = join(cwd, logName);
  const log = await readFile(written, 'utf8').catch(() => null);
  await (log === null ? writeFile(logPath, consoleText) : copyFile(written, logPath)).catch(
    (error: unknown) => {
      // A full disk is told below, with what the tool met.
      if (!isDiskFull(error)) throw error;
    },
  );
  if (end.exitCode === 0 && log !== null) return log;
  const full = (await fullPlaces([workspace.path, tmpdir()]))
    .map((place) => `; ${place}: make room`)
    .join('');
  const reason = `${describeEnd(end)}: ${reasonOf(consoleText, log ?? '')}`;
  const next = `log: ${logPath}; the stages before it are kept, the same command goes on from there`;
  throw new SegError('tool_failed', `${name} ${reason}${full}; ${next}`, {
    tool,
    ...end,
    logPath,
  });
}

/** Those of the folders that a tool writes into which have no room left, with how little it is. */
async function fullPlaces(folders: readonly string[]): Promise<string[]> {
  const free = await Promise.all(folders.map((folder) => freeBytes(folder)));
  return folders.flatMap((folder, index) => {
    const bytes = free[index]!;
    return bytes < leastFreeBytes ? [`${folder} has no more than ${Math.round(bytes / 1e6)} MB free`] : [];
  });
}
