import { basename, join } from 'node:path';
import { Command, Option } from 'commander';
import { backendNames, openSession } from '../backends/registry.js';
import { toPostprocessOptions, toSessionOptions } from '../config/options.js';
import type { ParameterName, ParameterValues } from '../config/schema.js';
import { ParameterStore } from '../config/store.js';
import { ConfigError, describeError } from '../core/errors.js';
import type { BackendSession, ModelInfo, PreprocessOptions } from '../core/ports.js';
import { counted, shown } from '../core/words.js';
import { parseCocoFile, requireMasks } from '../evaluate/cocoFile.js';
import { type ProtocolName, protocolNames, protocols } from '../evaluate/protocols.js';
import { writeFileAtomically } from '../files/atomicFile.js';
import { makeOutputFolder } from '../files/folders.js';
import { interruptible } from '../files/interruption.js';
import { readTextFile } from '../files/textFile.js';
import { categoryIdsOf } from '../offline/accuracy/categories.js';
import { checkPycocotools } from '../offline/accuracy/cocoAp.js';
import { describeComparison, describeDone, describeModel } from '../offline/accuracy/describe.js';
import { type DetectSummary, detect } from '../offline/accuracy/detect.js';
import { evalPage } from '../offline/accuracy/evalPage.js';
import { type EvalPicture, findPictures } from '../offline/accuracy/evalPictures.js';
import { type Evaluated, figuresFile } from '../offline/accuracy/figuresFile.js';
import { type ModelFigures, modelFigures } from '../offline/accuracy/modelFigures.js';
import { modelKey } from '../offline/accuracy/modelKey.js';
import { ResultStore } from '../offline/accuracy/resultStore.js';
import { truthReader } from '../offline/accuracy/truthReader.js';
import { drawWorstPictures } from '../offline/accuracy/worstPictures.js';
import { classNamesOf, parameterOption, parametersOfFlags, repeated } from './flags.js';
import { Progress } from './progress.js';
import { packageVersion } from './version.js';

interface Flags {
  readonly images: string;
  readonly annotations: string;
  readonly model: readonly string[];
  readonly backend: string;
  readonly out: string;
  readonly protocol: ProtocolName;
  readonly python: string;
  readonly skipMissing: boolean;
  readonly classNames?: readonly string[];
  readonly resizeMode: string;
  readonly yuvRange: string;
  readonly scaleFilter: string;
  readonly dnnLibrary: string;
}

const parameterFlags = {
  classNames: 'model.class_names',
  resizeMode: 'input.resize_mode',
  yuvRange: 'input.yuv_range',
  scaleFilter: 'input.scale_filter',
  dnnLibrary: 'backend.dnn_library',
} as const satisfies Record<string, ParameterName>;

/** What all models of an evaluation share. */
interface Plan extends Omit<Evaluated, 'models' | 'title'> {
  readonly flags: Flags;
  readonly values: ParameterValues;
  readonly signal: AbortSignal;
}

/** A model whose results are complete. */
interface Detected {
  readonly model: ModelInfo;
  readonly store: ResultStore;
  readonly summary: DetectSummary;
}

/** Everything that can be refused before a model runs. */
async function makePlan(flags: Flags, signal: AbortSignal): Promise<Plan> {
  const { images, annotations, python, protocol: protocolName, skipMissing, out } = flags;
  const { values } = new ParameterStore(parametersOfFlags(flags, parameterFlags));
  const versions = await checkPycocotools(python);
  const file = parseCocoFile(await readTextFile(annotations), annotations);
  requireMasks(file, annotations);
  const { pictures, skipped, unlistedCount } = await findPictures(images, file, annotations, skipMissing);
  for (const { fileName, why } of skipped) console.error(shown(`${fileName} is left out: ${why}`));
  if (unlistedCount > 0) {
    console.error(
      `${images}: ${counted(unlistedCount, 'picture')} left out that ${annotations} does not list`,
    );
  }
  makeOutputFolder(out);
  const protocol = protocols[protocolName];
  const shared = { protocolName, protocol, versions, imagesFolder: images, truthPath: annotations };
  return { ...shared, file, pictures, skipped, flags, values, signal };
}

/** Opens a model for as long as `work` takes. */
async function withModel<Result>(
  { flags, values }: Plan,
  modelPath: string,
  work: (session: BackendSession, preprocess: PreprocessOptions) => Promise<Result>,
): Promise<Result> {
  const options = toSessionOptions(values, modelPath, 'rate');
  const session = await openSession(flags.backend, options);
  try {
    return await work(session, options.preprocess);
  } finally {
    await session.close();
  }
}

function detectWith(plan: Plan, modelPath: string): Promise<Detected> {
  const { flags, values, file, truthPath, protocol, pictures, signal } = plan;
  return withModel(plan, modelPath, async (session, preprocess) => {
    const { model } = session;
    const categoryIds = categoryIdsOf(file, truthPath, model);
    const key = await modelKey(model, preprocess, protocol, categoryIds, packageVersion());
    const store = new ResultStore(join(flags.out, 'results', `${basename(modelPath)}-${key.slice(0, 12)}`));
    const progress = new Progress('picture', pictures.length);
    try {
      const summary = await detect({
        session,
        pictures,
        postprocess: {
          ...toPostprocessOptions(values, model.classNames),
          ...protocol,
          contourTolerancePx: null,
        },
        yuvRange: preprocess.yuvRange,
        store,
        categoryIds,
        signal,
        onDone: (done) => progress.show(done),
        ...(flags.skipMissing && {
          onFault: ({ path }: EvalPicture, fault: Error) => {
            progress.tell(`${path} is left out: ${describeError(fault)}`);
          },
        }),
      });
      progress.end();
      console.log(describeDone(modelPath, summary));
      return { model, store, summary };
    } finally {
      progress.end();
    }
  });
}

async function evaluate(plan: Plan): Promise<void> {
  const { flags, file, truthPath, signal } = plan;
  if (flags.model.length > 1) {
    // Hours of the first model would be lost on the name of the second.
    for (const path of flags.model) {
      await withModel(plan, path, async ({ model }) => categoryIdsOf(file, truthPath, model));
    }
  }
  const detected: Detected[] = [];
  for (const path of flags.model) detected.push(await detectWith(plan, path));
  const failed = new Set(detected.flatMap(({ summary }) => summary.failed));
  const pictures = plan.pictures.filter((picture) => !failed.has(picture));
  if (pictures.length === 0) {
    throw new ConfigError('source', `no picture of ${flags.images} can be decoded`, { folder: flags.images });
  }
  const readTruth = truthReader(file, truthPath, signal);
  const models: ModelFigures[] = [];
  for (const one of detected) {
    const request = { python: flags.python, truthPath, file, readTruth, pictures, signal };
    const figures = await modelFigures({ ...request, ...one });
    console.log(describeModel(figures));
    models.push(figures);
  }
  const skipped = [
    ...plan.skipped,
    ...[...failed].map(({ image }) => ({ fileName: image.file_name, why: 'cannot be decoded' })),
  ];
  const title = `Accuracy of ${models.map(({ model }) => model.name).join(', ')}`;
  const evaluated: Evaluated = { ...plan, title, pictures, skipped, models };
  const worst = await drawWorstPictures(evaluated, readTruth, signal);
  await writeFileAtomically(join(flags.out, 'figures.json'), figuresFile(evaluated));
  await writeFileAtomically(join(flags.out, 'report.html'), evalPage(evaluated, worst));
  console.log(describeComparison(evaluated));
  console.log(
    `${join(flags.out, 'report.html')} shows them, ${join(flags.out, 'figures.json')} has all figures`,
  );
}

async function run(flags: Flags): Promise<void> {
  await interruptible(async (signal) => evaluate(await makePlan(flags, signal)));
}

/** `rdk-yolo-seg eval`: how accurate models are on annotated pictures, without ROS; see docs/accuracy.md. */
export function evalCommand(): Command {
  return new Command('eval')
    .requiredOption('--images <folder>', 'folder of the pictures that the annotations are for')
    .requiredOption('--annotations <file>', 'COCO file with masks (instances_*.json)')
    .requiredOption(
      '--model <file>',
      'model to judge; again for others, which are compared with the first',
      repeated,
    )
    .option('--backend <name>', `auto, ${backendNames.join(', ')}`, 'auto')
    .requiredOption('-o, --out <folder>', 'folder for page, figures and results; a second call goes on there')
    .addOption(
      new Option('--protocol <name>', 'what is a detection: docs/accuracy.md')
        .choices(protocolNames)
        .default(protocolNames[0]),
    )
    .option('--python <file>', 'Python that has pycocotools', 'python3')
    .option('--skip-missing', 'leave out listed pictures that are missing or cannot be read', false)
    .option(
      '--class-names <list>',
      "names in order of class id, parted by commas, or coco; without it the model's own",
      classNamesOf,
    )
    .addOption(parameterOption('--resize-mode', 'input.resize_mode'))
    .addOption(parameterOption('--yuv-range', 'input.yuv_range'))
    .addOption(parameterOption('--scale-filter', 'input.scale_filter'))
    .addOption(parameterOption('--dnn-library', 'backend.dnn_library'))
    .action(run);
}
