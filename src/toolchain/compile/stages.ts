import { copyFile, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readPictureNames } from '../../camera/pictureNames.js';
import { counted } from '../../core/words.js';
import { ConfigError, SegError } from '../../core/errors.js';
import { chooseEvenly, makeCalibrationSet } from '../calibration/calibrationSet.js';
import { readGraphInfo } from '../info/graphInfo.js';
import type { NamedOutput } from '../../model/namedHeads.js';
import { reportOn } from '../logs/logReport.js';
import { readMapperLog } from '../logs/mapperLog.js';
import { readModifierLog } from '../logs/modifierLog.js';
import type { RawModel } from '../onnx/rawModel.js';
import { isPutOnBpu } from '../ptq/precision.js';
import type { CompileRequest } from './compileRequest.js';
import { hashOfFile, keyOf } from '../../files/contentKey.js';
import { checkCompiledOutputs, chooseRemovals } from './removals.js';
import { runTool, type ToolRun } from './runTool.js';
import type { FinishedStage, Workspace } from './workspace.js';
import { nodeMarch } from '../ptq/mapperChoices.js';
import { logNames, modifiedName, quantisedName } from '../text/vendorFiles.js';

/** What all stages that run tools share. */
export type Tooling = Pick<ToolRun, 'runner' | 'workspace' | 'signal' | 'onProgress'>;

/** A finished stage with the key of what went into it. */
export interface Stage extends FinishedStage {
  readonly key: string;
}

/** The tools run in a stage's folder; other stages are its neighbours. */
export const calibrationSet = '../calibration/calibration_rgb_f32';

async function keyed(
  workspace: Workspace,
  name: string,
  key: string,
  fill: (folder: string) => Promise<void>,
): Promise<Stage> {
  return { ...(await workspace.stage(name, key, fill)), key };
}

/** The calibration set, of the pictures' contents and the way they are prepared. */
export async function calibrationStage(
  workspace: Workspace,
  { images, calibCount, conversion: { input }, preprocess, signal }: CompileRequest,
  { widthPx, heightPx }: RawModel,
): Promise<Stage & { readonly count: number }> {
  const { names } = await readPictureNames(images);
  const chosen = chooseEvenly(names, calibCount);
  const hashes: (string | null)[] = [];
  for (const name of chosen) hashes.push(await hashOfFile(join(images, name)));
  const key = keyOf(chosen, hashes, widthPx, heightPx, input, preprocess);
  const stage = await keyed(workspace, 'calibration', key, async (folder) => {
    await makeCalibrationSet({
      images,
      path: join(folder, 'calibration_rgb_f32'),
      isForced: false,
      count: calibCount,
      size: { inputWidthPx: widthPx, inputHeightPx: heightPx },
      type: 'float32',
      form: input === 'nv12' ? 'nv12' : 'rgb',
      preprocess,
    });
    signal.throwIfAborted();
  });
  return { ...stage, count: chosen.length };
}

/**
 * hb_mapper checker, which says in seconds what would run on the CPU. Throws ConfigError `cpu_operators` where that is more
 * than is usual.
 */
export function checkStage(
  tooling: Tooling,
  { conversion, allowsCpu }: CompileRequest,
  modelFile: string,
  key: string,
): Promise<Stage> {
  return keyed(
    tooling.workspace,
    'check',
    keyOf(key, conversion.int16Nodes, conversion.optimization, allowsCpu),
    async (folder) => {
      const log = await runTool({
        ...tooling,
        tool: 'hb_mapper',
        args: ['checker', '--model-type', 'onnx', '--march', nodeMarch, '--model', modelFile],
        cwd: folder,
        logName: logNames.checker,
      });
      const { cpuNodes } = reportOn(readMapperLog(log, logNames.checker));
      const odd = cpuNodes.filter(
        ({ node, isExpected }) =>
          !isExpected && !isPutOnBpu(conversion, { name: node.fullName ?? node.name, type: node.type }),
      );
      if (odd.length === 0 || allowsCpu) return;
      const list = odd.map(({ node, why }) => `  ${node.fullName ?? node.name} (${node.type}): ${why}`);
      const what = `${counted(odd.length, 'operator')} of the model would run on the CPU of the board`;
      throw new ConfigError(
        'cpu_operators',
        [`${what}, nothing was compiled:`, ...list, '--allow-cpu compiles it all the same'],
        { nodes: odd.map(({ node }) => node.name) },
      );
    },
  );
}

/** hb_mapper makertbin: calibrates, quantises and compiles; minutes at O3. */
export function convertStage(
  tooling: Tooling,
  { settings, prefix, key }: { readonly settings: string; readonly prefix: string; readonly key: string },
): Promise<Stage> {
  return keyed(tooling.workspace, 'convert', key, async (folder) => {
    const configFile = `${prefix}_ptq.yaml`;
    await writeFile(join(folder, configFile), settings);
    await runTool({
      ...tooling,
      tool: 'hb_mapper',
      args: ['makertbin', '--model-type', 'onnx', '--config', configFile],
      cwd: folder,
      logName: logNames.makertbin,
    });
    for (const name of [`${prefix}.bin`, quantisedName(prefix)]) {
      if ((await stat(join(folder, prefix, name)).catch(() => null))?.isFile() === true) continue;
      const log = join(tooling.workspace.logs, logNames.makertbin);
      const what = `hb_mapper makertbin ended well but made no ${name}; log: ${log}`;
      throw new SegError('tool_failed', what, { log });
    }
  });
}

interface RemovalRequest {
  readonly converted: Stage;
  readonly prefix: string;
  readonly heads: readonly NamedOutput[];
  readonly keptFloat: CompileRequest['keptFloat'];
}

/** hb_model_modifier takes the Dequantize nodes off; hb_model_info says what the model gives then, which is checked. */
export async function removeStage(
  tooling: Tooling,
  { converted, prefix, heads, keptFloat }: RemovalRequest,
): Promise<Stage & { readonly binPath: string }> {
  const key = keyOf(converted.key, [...keptFloat].sort(), heads);
  const stage = await keyed(tooling.workspace, 'remove', key, async (folder) => {
    const binFile = `${prefix}.bin`;
    await copyFile(join(converted.folder, prefix, binFile), join(folder, binFile));
    const modified = await removeNodes(tooling, folder, binFile, heads, keptFloat);
    if (modified !== null) await rm(join(folder, binFile));
    const log = await runTool({
      ...tooling,
      tool: 'hb_model_info',
      args: [modified ?? binFile],
      cwd: folder,
      logName: logNames.info,
    });
    checkCompiledOutputs(readGraphInfo(log, logNames.info).outputs, heads, keptFloat);
  });
  const binFile = (await readdir(stage.folder)).find((name) => name.endsWith('.bin'));
  return { ...stage, binPath: join(stage.folder, binFile!) };
}

/** The name of the modified model; null where nothing is to be removed. */
async function removeNodes(
  tooling: Tooling,
  folder: string,
  binFile: string,
  heads: readonly NamedOutput[],
  keptFloat: CompileRequest['keptFloat'],
): Promise<string | null> {
  const modify = (args: readonly string[]) =>
    runTool({ ...tooling, tool: 'hb_model_modifier', args, cwd: folder, logName: logNames.modifier });
  const removals = chooseRemovals(readModifierLog(await modify([binFile])), heads, keptFloat);
  if (removals.length === 0) return null;
  const { removed, savedAs, complaints } = readModifierLog(
    await modify([binFile, ...removals.flatMap((name) => ['-r', name])]),
  );
  const missing = removals.filter((name) => !removed.includes(name));
  const modified = modifiedName(binFile);
  const isSaved = (await stat(join(folder, modified)).catch(() => null))?.isFile() === true;
  if (missing.length === 0 && isSaved) return modified;
  const what =
    missing.length > 0
      ? `${missing.length} of ${counted(removals.length, 'node')} not removed: ${missing.join(', ')}`
      : `it says ${savedAs ?? 'nothing'} was saved, but there is no ${modified}`;
  const log = join(tooling.workspace.logs, logNames.modifier);
  throw new SegError(
    'dequant_incomplete',
    `hb_model_modifier: ${[what, ...complaints].join('; ')}; log: ${log}`,
    {
      missing,
      savedAs,
    },
  );
}

/** The text of a log that a stage has kept; empty where the tool was not run. */
export function readKeptLog(stage: FinishedStage, name: string): Promise<string> {
  return readFile(join(stage.folder, name), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
}
