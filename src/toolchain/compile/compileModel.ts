import { readFile, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { describeInputRange } from '../../backends/onnx/inputRange.js';
import { readOnnxFileInfo } from '../../backends/onnx/modelFile.js';
import { readPictureNames } from '../../camera/pictureNames.js';
import { ConfigError } from '../../core/errors.js';
import { megabytes } from '../../core/words.js';
import { isDiskFull } from '../../files/fault.js';
import { freeBytes, makeOutputFolder } from '../../files/folders.js';
import { readGraphInfo } from '../info/graphInfo.js';
import { reportAsHtml } from '../logs/logHtml.js';
import { namedHeads } from '../../model/namedHeads.js';
import { type LogReport, reportOn } from '../logs/logReport.js';
import { readMapperLog } from '../logs/mapperLog.js';
import { describeCalibration } from '../logs/mapperSettings.js';
import { checkRawModel, type RawModel } from '../onnx/rawModel.js';
import { checkPrecision } from '../ptq/precision.js';
import {
  type ConversionChoices,
  namePtq,
  type PtqChoices,
  type PtqModel,
  ptqAsYaml,
  ptqSettings,
} from '../ptq/ptqConfig.js';
import type { CompileRequest, CompileResult } from './compileRequest.js';
import { summariseCompiled } from './compiledSummary.js';
import { hashOf, keyOf } from '../../files/contentKey.js';
import { manifestText } from './manifestText.js';
import { rawHeadsOf } from './rawHeadsFile.js';
import { scalesOfOutputs } from './removals.js';
import { checkReplaceable, removeFormer, writeResults } from './results.js';
import {
  calibrationSet,
  calibrationStage,
  checkStage,
  convertStage,
  readKeptLog,
  removeStage,
  type Stage,
  type Tooling,
} from './stages.js';
import type { ToolRunner } from './toolRunner.js';
import { type FinishedStage, Workspace } from './workspace.js';
import { nodeMarch } from '../ptq/mapperChoices.js';
import { logNames, modifiedName, quantisedName } from '../text/vendorFiles.js';

const stageCount = 6;

/**
 * Makes the BPU's model of an ONNX model: heads, calibration set, check, conversion, removal of Dequantize nodes, results.
 *
 * Stages that are done stay in the workspace, so that a second call goes on where the last one stopped. Throws what the
 * stages throw, ConfigError `disk_space` where room ran out, and the reason of an interruption.
 */
export async function compileModel(request: CompileRequest): Promise<CompileResult> {
  // Weights of PyTorch and other files are named first.
  readOnnxFileInfo(request.modelPath);
  const { modelPath, images, output, conversion } = request;
  const path = join(resolve(output), `${workName(modelPath)}_${conversion.input}_work`);
  // What is wrong with these is told before anything is made.
  await readPictureNames(images);
  const runner = await request.makeRunner(path);
  makeOutputFolder(output);
  const workspace = await Workspace.open(path);
  try {
    return await compileIn(workspace, runner, request);
  } catch (error) {
    if (!isDiskFull(error instanceof ConfigError ? { code: error.details.systemCode } : error)) throw error;
    const free = `${Math.round((await freeBytes(workspace.path)) / 1e6)} MB`;
    const what = `no space is left for ${workspace.path} (${free} free)`;
    throw new ConfigError('disk_space', `${what}: make room, the same command goes on from there`, {}, error);
  } finally {
    await workspace.close();
  }
}

const nameOf = (modelPath: string) => basename(modelPath).replace(/\.onnx$/i, '');

/** The model's name as file and folder names take it. */
function stemOf(modelPath: string): string {
  return nameOf(modelPath).replace(/[^\w.-]+/g, '_') || 'model';
}

/** Another one for each model: names that are not written in plain letters may have one stem. */
function workName(modelPath: string): string {
  const [name, stem] = [nameOf(modelPath), stemOf(modelPath)];
  return name === stem ? stem : `${stem}-${hashOf(name).slice(0, 8)}`;
}

/** Tells of a stage before and after it. */
async function told<Result extends { readonly isKept: boolean; readonly seconds: number }>(
  { onEvent, signal }: CompileRequest,
  number: number,
  title: string,
  work: () => Promise<Result>,
  detail: (result: Result) => string = () => '',
): Promise<Result> {
  signal.throwIfAborted();
  onEvent({ kind: 'begin', number, count: stageCount, title });
  const result = await work();
  onEvent({ kind: 'end', isKept: result.isKept, seconds: result.seconds, detail: detail(result) });
  return result;
}

interface RawStage {
  readonly file: string;
  readonly key: string;
  readonly model: RawModel;
  readonly origin: string;
}

/** The model with raw heads; cut anew every time, which takes seconds and always gives the same. */
async function rawStage(
  workspace: Workspace,
  { modelPath }: CompileRequest,
): Promise<RawStage & Pick<FinishedStage, 'isKept' | 'seconds'>> {
  const begin = performance.now();
  const file = `${stemOf(modelPath)}_heads.onnx`;
  const { bytes, manifest, origin } = await rawHeadsOf(modelPath);
  const key = hashOf(bytes);
  const { folder, isKept } = await workspace.stage('heads', keyOf(key, file), (unfinished) =>
    writeFile(join(unfinished, file), bytes),
  );
  const model = await checkRawModel(join(folder, file), manifest);
  return { file, key, model, origin, isKept, seconds: (performance.now() - begin) / 1000 };
}

async function compileIn(
  workspace: Workspace,
  runner: ToolRunner,
  request: CompileRequest,
): Promise<CompileResult> {
  const { output, keptFloat, signal, onEvent } = request;
  const tooling: Tooling = {
    runner,
    workspace,
    signal,
    onProgress: (progress) => onEvent({ kind: 'progress', progress }),
  };
  const raw = await told(
    request,
    1,
    'raw heads',
    () => rawStage(workspace, request),
    ({ model: { form, inputRange } }) => [form, ...describeInputRange(inputRange)].join('; '),
  );
  checkPrecision(request.conversion, nodeMarch, raw.model.nodes);
  const modelFile = `../heads/${raw.file}`;
  const { model, choices } = settingsOf(request, raw, modelFile);
  const { prefix } = namePtq(model, choices);
  const paths = [...binNames(prefix), `${prefix}.html`, quantisedName(prefix)].map((name) =>
    join(output, name),
  );
  await checkReplaceable(workspace, paths, request.isForced);
  const calibration = await told(
    request,
    2,
    'calibration pictures',
    () => calibrationStage(workspace, request, raw.model),
    ({ count }) => `${count} pictures`,
  );
  const toolKey = keyOf(runner.identity, raw.key);
  await told(request, 3, 'hb_mapper checker', () => checkStage(tooling, request, modelFile, toolKey));
  const settings = ptqAsYaml(ptqSettings(model, choices), `hb_mapper makertbin: ${raw.model.form}`);
  // How many processes compile decides nothing but the time.
  const key = keyOf(toolKey, calibration.key, ptqSettings(model, { ...choices, jobs: null }));
  const converted = await told(request, 4, 'hb_mapper makertbin', () =>
    convertStage(tooling, { settings, prefix, key }),
  );
  const heads = namedHeads(raw.model.heads);
  const removed = await told(request, 5, 'hb_model_modifier, hb_model_info', () =>
    removeStage(tooling, { converted, prefix, heads, keptFloat }),
  );
  const finished: Finished = { workspace, request, raw, calibration, converted, removed, prefix };
  const { result } = await told(request, 6, 'results', async () => {
    const begin = performance.now();
    const made = await finish(finished);
    return { result: made, isKept: false, seconds: (performance.now() - begin) / 1000 };
  });
  return result;
}

function settingsOf(
  request: CompileRequest,
  raw: RawStage,
  modelPath: string,
): { readonly model: PtqModel; readonly choices: PtqChoices } {
  const { inputName, widthPx, heightPx, inputRange } = raw.model;
  return {
    model: {
      stem: stemOf(request.modelPath),
      modelPath,
      calibrationPath: calibrationSet,
      inputName,
      widthPx,
      heightPx,
      whiteValue: inputRange.whiteValue,
    },
    choices: {
      ...request.conversion,
      march: nodeMarch,
      yuvRange: request.preprocess.yuvRange,
      calibrationType: request.calibrationType,
      sampleType: 'float32',
    },
  };
}

/** The model and its manifest, with Dequantize nodes removed and without. */
function binNames(prefix: string): string[] {
  const binFiles = [modifiedName(`${prefix}.bin`), `${prefix}.bin`];
  return binFiles.flatMap((name) => [name, name.replace(/\.bin$/, '.yaml')]);
}

interface Finished {
  readonly workspace: Workspace;
  readonly request: CompileRequest;
  readonly raw: RawStage;
  readonly calibration: Stage & { readonly count: number };
  readonly converted: Stage;
  readonly removed: Stage & { readonly binPath: string };
  readonly prefix: string;
}

/** What of the choices decides the program, in words. */
function conversionText(choices: ConversionChoices): string {
  const { optimizeLevel, compileMode, balanceFactor, int16Nodes, optimization } = choices;
  return [
    `at ${optimizeLevel}`,
    ...(compileMode === 'latency'
      ? []
      : [[compileMode, balanceFactor].filter((one) => one !== null).join(' ')]),
    ...(int16Nodes.length === 0 ? [] : [`int16 for ${int16Nodes.join(' ')}`]),
    ...optimization,
  ].join(', ');
}

/** How the model was made, for its manifest. */
function remarksOf(
  { request, raw, calibration, removed }: Finished,
  { log, total }: LogReport,
  sourceHash: string,
): string[] {
  const { madeBy, modelPath, conversion, preprocess, keptFloat } = request;
  const { input } = conversion;
  const { hbMapper, hbdk, horizonNn } = log.versions;
  const { resizeMode, yuvRange, scaleFilter } = preprocess;
  return [
    `${basename(removed.binPath)}, made by ${madeBy} with hb_mapper ${hbMapper}, hbdk ${hbdk}, horizon_nn ${horizonNn}`,
    `of ${basename(modelPath)} (sha256 ${sourceHash}): ${raw.origin}`,
    `input ${input}, ${resizeMode}, ${yuvRange} range, filter ${scaleFilter}; calibrated with ${calibration.count} pictures (${describeCalibration(log.calibration)})`,
    ...describeInputRange(raw.model.inputRange),
    `compiled for bayes-e ${conversionText(conversion)}; floats: ${[...keptFloat].sort().join(', ') || 'none'}, the other heads are integers`,
    ...(total === null
      ? []
      : [
          `the compiler estimates ${total.fps.toFixed(1)} frames/s, ${(total.latencyUs / 1000).toFixed(2)} ms, ${megabytes(total.ddrBytes)} of DDR traffic a frame`,
        ]),
  ];
}

async function finish(finished: Finished): Promise<CompileResult> {
  const { workspace, request, raw, converted, removed, prefix } = finished;
  const { output, modelPath } = request;
  const report = reportOn(
    readMapperLog(await readKeptLog(converted, logNames.makertbin), logNames.makertbin),
  );
  const heads = namedHeads(raw.model.heads);
  const bin = await readFile(removed.binPath);
  const binFile = basename(removed.binPath);
  const summary = summariseCompiled({
    name: binFile,
    graph: readGraphInfo(await readKeptLog(removed, logNames.info), logNames.info),
    scales: scalesOfOutputs(await readKeptLog(removed, logNames.modifier), heads),
    heads,
    raw: raw.model,
  });
  const { classNames, heads: rawHeads } = raw.model;
  const manifest = manifestText({
    classNames,
    classCount: rawHeads.classCount,
    classScores: rawHeads.classScores,
    oneToOne: rawHeads.oneToOneBy !== null,
    heads,
    remarks: remarksOf(finished, report, hashOf(await readFile(modelPath))),
  });
  const manifestFile = binFile.replace(/\.bin$/, '.yaml');
  const htmlFile = `${prefix}.html`;
  const quantisedFile = quantisedName(prefix);
  // A model that other settings gave another name would seem to belong to the new quantised graph.
  const formerFiles = binNames(prefix).filter((name) => name !== binFile && name !== manifestFile);
  await removeFormer(workspace, output, formerFiles);
  await writeResults(workspace, output, [
    { name: htmlFile, content: reportAsHtml(report, logNames.makertbin) },
    { name: quantisedFile, content: await readFile(join(converted.folder, prefix, quantisedFile)) },
    // The manifest first: the node never finds the model without it.
    { name: manifestFile, content: manifest },
    { name: binFile, content: bin },
  ]);
  return {
    binPath: join(output, binFile),
    binBytes: bin.length,
    manifestPath: join(output, manifestFile),
    htmlPath: join(output, htmlFile),
    quantisedPath: join(output, quantisedFile),
    workspace: workspace.path,
    report,
    calibrationCount: finished.calibration.count,
    classCount: rawHeads.classCount,
    classNames,
    summary,
  };
}
