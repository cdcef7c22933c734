import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { chooseDefaultModel } from '../backends/defaultModel.js';
import { backendNames, selectBackend } from '../backends/registry.js';
import type { ParameterName } from '../config/schema.js';
import { ParameterStore } from '../config/store.js';
import { SegError } from '../core/errors.js';
import { counted } from '../core/words.js';
import { type DoctorRequest, runDoctor } from '../doctor/doctor.js';
import { parametersFor } from '../doctor/parameterFile.js';
import { buildReport, checkAsText, countsAsText, refusal, reportAsJson } from '../doctor/report.js';
import { interruptible } from '../files/interruption.js';
import { readTextFile } from '../files/textFile.js';
import { parameterOption, parametersOfFlags } from './flags.js';
import { packageVersion } from './version.js';

interface Flags {
  readonly model?: string;
  readonly backend?: string;
  readonly dnnLibrary?: string;
  readonly modelName?: string;
  readonly paramsFile?: string;
  readonly node: string;
  readonly json: boolean;
}

/** Flags that go before what the parameter file says. */
const parameterFlags = {
  model: 'model.path',
  backend: 'backend.name',
  dnnLibrary: 'backend.dnn_library',
  modelName: 'backend.model_name',
} as const satisfies Partial<Record<keyof Flags, ParameterName>>;

/** The node's parameters as the file and the flags give them. Throws ConfigError as reading and judging them do. */
async function readParameters(flags: Flags): Promise<ParameterStore> {
  const { paramsFile } = flags;
  const fromFile =
    paramsFile === undefined ? {} : parametersFor(await readTextFile(paramsFile), paramsFile, flags.node);
  return new ParameterStore({ ...fromFile, ...parametersOfFlags(flags, parameterFlags) });
}

/** `20.20.2` of `>=20.20.2`. */
function leastNode(): string {
  const { engines } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    engines: { node: string };
  };
  return engines.node.replace(/^\D*/, '');
}

/** What is to be looked at. Throws ConfigError for arguments, a parameter file or a model that cannot be used. */
async function plan(flags: Flags): Promise<Pick<DoctorRequest, 'backend' | 'modelPath' | 'values'>> {
  const { values } = await readParameters(flags);
  const wanted = values['backend.name'];
  const path = values['model.path'];
  const modelPath = path === 'auto' ? chooseDefaultModel(wanted).path : path;
  return { backend: selectBackend(wanted, modelPath), modelPath, values };
}

async function run(flags: Flags): Promise<void> {
  const version = packageVersion();
  const planned = await plan(flags).catch((error: unknown) => {
    const about = { version, model: flags.model ?? 'auto', backend: flags.backend ?? 'auto' };
    // Who reads JSON reads it in every case.
    if (flags.json) console.log(reportAsJson(buildReport(about, [refusal(error)])));
    throw error;
  });
  const checks = await interruptible((signal) =>
    runDoctor({
      ...planned,
      leastNode: leastNode(),
      signal,
      onChecks: (done) => {
        if (!flags.json) for (const check of done) console.log(checkAsText(check));
      },
    }),
  );
  const { backend, modelPath } = planned;
  const report = buildReport({ version, model: modelPath, backend }, checks);
  console.log(flags.json ? reportAsJson(report) : countsAsText(report));
  const { fault } = report.counts;
  if (fault === 0) return;
  const ids = checks.filter(({ outcome }) => outcome === 'fault').map(({ id }) => id);
  throw new SegError('doctor', `${counted(fault, 'fault')}: ${ids.join(', ')}; the remedies are above`, {
    ids,
  });
}

/** `rdk-yolo-seg doctor`: looks at the machine, ROS, shared memory, the BPU and a model; see docs/board.md. Ends with 1 for a fault. */
export function doctorCommand(): Command {
  // Without their defaults, which would go before the parameter file.
  const unset = (flag: string, name: ParameterName) => parameterOption(flag, name).default(undefined);
  return new Command('doctor')
    .option(
      '--model <file>',
      "model to try; default: the parameter file's, else the board's own, else the bundled one",
    )
    .option('--backend <name>', `auto, ${backendNames.join(', ')}`)
    .addOption(unset('--dnn-library', 'backend.dnn_library'))
    .addOption(unset('--model-name', 'backend.model_name'))
    .option('--params-file <file>', 'parameter file of the node')
    .option('--node <name>', 'full name of the node that the parameter file is for', '/yolo_seg')
    .option('--json', 'print everything as JSON, to send or to compare', false)
    .action(run);
}
