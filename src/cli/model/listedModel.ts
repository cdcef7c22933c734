import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { type LoadedManifest, manifestPathOf, readManifest } from '../../backends/manifestFile.js';
import { ConfigError } from '../../core/errors.js';
import { listGraph } from '../../toolchain/compile/listGraph.js';
import { summariseListed } from '../../toolchain/info/listedModel.js';
import { describeNames, type ModelSummary } from '../../toolchain/info/modelSummary.js';
import { describeUnsound, inspectToolchain } from '../../toolchain/install/toolchainFolder.js';
import { interruptible } from '../../files/interruption.js';
import { readTextFile } from '../../files/textFile.js';
import { inTemporaryFolder } from '../../toolchain/process/temporaryFolder.js';
import { shellQuote } from '../../toolchain/text/shell.js';
import { installCommand } from './toolchain.js';
import { makeToolRunner, type ToolFlags } from './toolRunner.js';

/** The remarks of a manifest, in which `model compile` says how it made the model. */
async function remarksOf(path: string): Promise<string[]> {
  if (!existsSync(path)) return [];
  const lines = (await readTextFile(path)).split('\n');
  return lines.flatMap((line) => /^# (.*)/.exec(line)?.[1] ?? []);
}

function manifestLines({ classNames, classCount, classScores, oneToOne, roles }: LoadedManifest): string[] {
  const outputsOf = (role: 'cls' | 'box' | 'coef') =>
    [...(roles ?? [])].filter(([, one]) => one === role).map(([name]) => name);
  const heads = (['cls', 'box', 'coef'] as const).flatMap((role) =>
    outputsOf(role).length === 0 ? [] : [`${role} ${outputsOf(role).join(', ')}`],
  );
  return [
    ...(classNames === null ? [] : [`classes: ${describeNames(classNames)}`]),
    ...(classCount === undefined ? [] : [`class count: ${classCount}`]),
    ...(classScores === undefined ? [] : [`class heads hold ${classScores}`]),
    ...(oneToOne === undefined ? [] : [`heads are ${oneToOne ? '' : 'not '}one-to-one`]),
    ...(heads.length === 0 ? [] : [`heads: ${heads.join('; ')}`]),
  ];
}

/** What can be said of a compiled model that nothing here can read: its manifest, and who could read it. */
function refuse(
  path: string,
  noLibrary: ConfigError,
  noTools: string | null,
  known: readonly string[],
): ConfigError {
  const ask = `hrt_model_exec model_info --model_file ${shellQuote(path)} > info.txt`;
  const commands = `${ask} && rdk-yolo-seg model info info.txt`;
  const here = noTools === null ? '' : `; on this machine: ${noTools}`;
  const manifest =
    known.length === 0
      ? []
      : [`its manifest ${manifestPathOf(path)} says:`, ...known.map((line) => `  ${line}`)];
  return new ConfigError(
    'model_bin',
    [
      `${path} is a compiled model, which the board's library reads (${noLibrary.message}); on the board run: ${commands}${here}`,
      ...manifest,
    ],
    { path },
    noLibrary,
  );
}

/**
 * A compiled model where the board's library is not: by its manifest and the listing of the vendor's hb_model_info.
 *
 * Throws ConfigError `model_bin` where that tool is not there either, with what the manifest says, or cannot read the file,
 * and ModelContractError `manifest`.
 */
export async function summariseOnPc(
  path: string,
  flags: ToolFlags,
  noLibrary: ConfigError,
): Promise<ModelSummary> {
  const manifest = readManifest(path);
  const remarks = await remarksOf(manifestPathOf(path));
  const known = [...remarks, ...manifestLines(manifest)];
  // The tool takes no other models.
  if (!/\.bin$/i.test(path)) throw refuse(path, noLibrary, null, known);
  if (flags.docker === undefined) {
    const folder = resolve(flags.toolchain);
    const state = await inspectToolchain(folder);
    if (state.condition !== 'sound') {
      throw refuse(path, noLibrary, describeUnsound(state, installCommand(folder)), known);
    }
  }
  const graph = await interruptible((signal) =>
    inTemporaryFolder(async (folder) =>
      listGraph({ modelPath: path, runner: await makeToolRunner(flags, folder, signal), folder, signal }),
    ),
  );
  return summariseListed(basename(path), graph, manifest, remarks);
}
