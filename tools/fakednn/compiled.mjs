// Makes a model of fakednn (native/fakednn) that answers as a compiled model does on the board: the integers of a recording
// of `model simulate`, in the layout of the compiled program.
//
// Usage: node tools/fakednn/compiled.mjs COMPILED.bin NAME.replay     writes NAME.bin and NAME.yaml beside the recording
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { readOnnxFile } from '../../dist/backends/onnx/graph/onnxFile.js';
import { readRecording } from '../../dist/backends/replay/recordingFile.js';
import { ConfigError } from '../../dist/core/errors.js';
import { elementBytes } from '../../dist/core/tensor.js';
import { venvEnv } from '../../dist/toolchain/compile/venvRunner.js';
import { defaultToolchainFolder } from '../../dist/toolchain/install/toolchainFolder.js';
import { inTemporaryFolder } from '../../dist/toolchain/process/temporaryFolder.js';
import { quantisedPathOf } from '../../dist/toolchain/simulate/simulateModel.js';
import { boardTimes, renderModelInfo } from './modelInfo.mjs';
import { writeFakeModel } from './record.mjs';

/**
 * @typedef {import('../../dist/core/tensor.js').TensorSpec} TensorSpec
 *
 * @typedef {{ 'feature name': string, 'valid dim': number[], 'aligned dim': number[], 'real stride': number[],
 *   'element type size': number }} Feature
 * What the BPU writes, as hbdk-disas tells it; strides in bytes.
 */

/**
 * The features that the BPU writes, by name.
 *
 * @param {string} compiledPath
 * @param {string} toolchain
 * @returns {Promise<Map<string, Feature>>}
 */
function readFeatures(compiledPath, toolchain) {
  return inTemporaryFolder(async (folder) => {
    const bin = join(toolchain, 'bin');
    /** @type {(tool: string, ...args: string[]) => Promise<unknown>} */
    const run = (tool, ...args) =>
      promisify(execFile)(join(bin, 'python'), [join(bin, tool), ...args], {
        cwd: folder,
        env: { ...venvEnv(toolchain), TMPDIR: folder },
      });
    await run('hb_extract_hbm', resolve(compiledPath));
    const hbms = (await readdir(folder)).filter((name) => name.endsWith('.hbm'));
    if (hbms.length === 0) throw new Error(`hb_extract_hbm finds no program of the BPU in ${compiledPath}`);
    /** @type {Map<string, Feature>} */
    const features = new Map();
    for (const hbm of hbms) {
      await run('hbdk-disas', '--json', hbm, '-o', 'features.json');
      /** @type {{ 'output features': Feature[] }[]} */
      const programs = JSON.parse(await readFile(join(folder, 'features.json'), 'utf8'));
      for (const feature of programs.flatMap((one) => one['output features']))
        features.set(feature['feature name'], feature);
    }
    return features;
  });
}

/**
 * The output as the BPU writes it; one that the CPU of the board makes, a float, is packed as it is.
 *
 * @param {TensorSpec} spec
 * @param {string | undefined} featureName What the Dequantize node behind the output would read.
 * @param {Map<string, Feature>} features
 */
function asWritten(spec, featureName, features) {
  if (spec.type === 'f32') return spec;
  const feature = features.get(featureName ?? '');
  if (feature === undefined) {
    const written = [...features.keys()].join(', ');
    throw new Error(
      `output ${spec.name} is no feature of the program (${featureName}); it writes ${written}`,
    );
  }
  const found = `[${feature['valid dim'].join(', ')}] of ${feature['element type size']} bytes`;
  const expected = `[${spec.dims.join(', ')}] of ${elementBytes[spec.type]} bytes`;
  if (found !== expected)
    throw new Error(`output ${spec.name} is ${found} in the program, ${expected} in the recording`);
  return { ...spec, alignedDims: feature['aligned dim'], strideBytes: feature['real stride'] };
}

/**
 * Writes `NAME.bin` beside the recording `NAME.replay` of the compiled model, which answers as the board would.
 *
 * Throws ConfigError `simulate` where the quantised model is not beside the compiled one, and Error for the recording of
 * another model or a tool that fails.
 *
 * @param {string} compiledPath
 * @param {string} path NAME.bin
 * @param {{ toolchain: string, coreMs?: number, hostMs?: number }} options
 */
export async function writeCompiledFakeModel(compiledPath, path, { toolchain, ...times }) {
  const { recording } = readRecording(path.replace(/\.bin$/, '.replay'));
  const { graph } = await readOnnxFile(quantisedPathOf(compiledPath));
  const featureNames = new Map(
    graph.node
      .filter(({ opType }) => opType.endsWith('Dequantize'))
      .map(({ input, output }) => [output[0], input[0]]),
  );
  const features = await readFeatures(compiledPath, toolchain);
  const outputs = recording.outputs.map((spec) => asWritten(spec, featureNames.get(spec.name), features));
  const { inputWidthPx: widthPx, inputHeightPx: heightPx } = recording;
  const infoText = renderModelInfo(basename(path, '.bin'), { widthPx, heightPx }, outputs);
  await writeFakeModel(path, { infoText, ...times });
}

async function main() {
  const [compiledPath, recording] = parseArgs({ allowPositionals: true }).positionals;
  if (compiledPath === undefined || !recording?.endsWith('.replay'))
    throw new ConfigError('arguments', 'expected COMPILED.bin NAME.replay', {});
  const path = resolve(recording).replace(/\.replay$/, '.bin');
  await writeCompiledFakeModel(compiledPath, path, { toolchain: defaultToolchainFolder(), ...boardTimes });
  console.log(path);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main().catch((error) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
