import { copyFile, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ConfigError } from '../../core/errors.js';
import type { ToolRunner } from './toolRunner.js';
import { logNames } from '../text/vendorFiles.js';
import { readLogLines } from '../text/logLines.js';
import { type GraphInfo, readGraphInfo } from '../info/graphInfo.js';

/** A compiled model that hb_model_info is to list. */
export interface ListRequest {
  readonly modelPath: string;
  readonly runner: ToolRunner;
  /** A folder that the runner's programs see; copy and log stay there. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** What hb_model_info says of a compiled model. Throws ConfigError `model_bin` where it cannot read the file. */
export async function listGraph({ modelPath, runner, folder, signal }: ListRequest): Promise<GraphInfo> {
  const file = basename(modelPath);
  await copyFile(modelPath, join(folder, file));
  let text = '';
  const end = await runner.run({
    tool: 'hb_model_info',
    // A name may begin with a hyphen.
    args: [`./${file}`],
    cwd: folder,
    signal,
    onText: (more) => {
      text += more;
    },
  });
  signal.throwIfAborted();
  if (end.exitCode !== 0) {
    const last = readLogLines(text)
      .findLast((line) => line.text.trim() !== '')
      ?.text.trim();
    const why = last ?? `it ended with ${end.exitCode ?? end.endedBy}`;
    throw new ConfigError('model_bin', `hb_model_info cannot read ${modelPath}: ${why}`, { modelPath });
  }
  return readGraphInfo(await readFile(join(folder, logNames.info), 'utf8'), modelPath);
}
