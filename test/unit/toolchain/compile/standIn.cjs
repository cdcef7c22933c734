// Stands in for the Python of a virtual environment with the vendor's tools: writes logs of the form they write, and makes
// files of the names they make. STANDIN says what goes wrong, STANDIN_CALLS where calls are noted.
const { spawn } = require('node:child_process');
const { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { basename, join } = require('node:path');
const { createInterface } = require('node:readline');

const args = process.argv.slice(2);
const fault = process.env.STANDIN ?? '';
const note = (/** @type {string} */ line) =>
  process.env.STANDIN_CALLS && appendFileSync(process.env.STANDIN_CALLS, `${line}\n`);

/** The outputs of the demo model at 320 px: name, shape, node that the tools name them by. */
const layers = { coef: 'cv4', box: 'cv2', cls: 'cv3' };
const channels = { coef: 32, box: 64, cls: 5 };
const roles = /** @type {const} */ (['coef', 'box', 'cls']);
/** @typedef {{ name: string, dims: number[], node: string }} Output */
/** @type {Output[]} */
const outputs = roles.flatMap((role, at) =>
  [40, 20, 10].map((cells, level) => ({
    name: `output${at * 3 + level}`,
    dims: [1, cells, cells, channels[role]],
    node: `/model.22/${layers[role]}.${level}/${layers[role]}.${level}.2/Conv_output_0_HzDequantize`,
  })),
);
outputs.push({ name: 'output9', dims: [1, 80, 80, 32], node: 'output9_HzDequantize' });

/** @type {(pattern: RegExp, text: string) => string} */
const found = (pattern, text) => pattern.exec(text)?.[1] ?? '';

/** @type {string | null} */
let log = null;
/** @param {string} text */
function say(text, level = 'INFO') {
  const stamp = '2026-01-02 03:04:05,678';
  process.stderr.write(`${stamp} \x1b[92m${level}\x1b[0m ${text}\n`);
  if (log !== null) appendFileSync(log, `${stamp} file: tool.py func: tool line No: 1 ${text}\n`);
}

const graph = () =>
  [
    'Graph input:',
    '    images: shape=[1, 3, 320, 320], dtype=FLOAT32',
    'Graph output:',
    ...outputs.map(({ name, dims }) => `    ${name}: shape=[${dims.join(', ')}], dtype=FLOAT32`),
  ].join('\n');
const table = (/** @type {string[]} */ rows) =>
  [
    '='.repeat(100),
    'Node                        ON   Subgraph  Type              Cosine Similarity  Threshold  DataType',
    '-'.repeat(100),
    ...rows,
  ].join('\n');
const bpuRow =
  '/model.0/conv/Conv          BPU  id(0)     HzSQuantizedConv  0.999426           1.0029     int8';
const cpuRow =
  '/model.22/Odd               CPU  --        Odd               0.999426           --         float';

/** @param {string} name */
function beginMapper(name) {
  log = join(process.cwd(), `hb_mapper_${name}.log`);
  writeFileSync(log, '');
  say('Start hb_mapper....');
  say('hbdk version 3.49.15');
  say('horizon_nn version 1.1.0');
  say('hb_mapper version 1.24.3');
}

function checker() {
  beginMapper('checker');
  if (!existsSync(args[args.indexOf('--model') + 1])) process.exit(2);
  say('Begin model checking....');
  say(graph());
  say(table(fault === 'cpu' ? [bpuRow, cpuRow] : [bpuRow]));
  say('End model checking....');
}

function makertbin() {
  beginMapper('makertbin');
  const config = readFileSync(args[args.indexOf('--config') + 1], 'utf8');
  const prefix = found(/working_dir: (\S+)/, config);
  for (const key of ['onnx_model', 'cal_data_dir']) {
    if (!existsSync(found(new RegExp(`${key}: (\\S+)`), config))) process.exit(2);
  }
  say('Start Model Convert....');
  say(graph());
  say('Start to compile the model with march bayes-e.');
  process.stderr.write('[=========-          ]  40%');
  if (fault === 'hang') return hang();
  if (fault === 'killed') process.kill(process.pid, 'SIGKILL');
  if (fault === 'fail') {
    say('*** ERROR-OCCUR-DURING hbdk.build ***, error message: the grid is odd', 'ERROR');
    process.exit(1);
  }
  say('FPS=212.79, latency = 4699.5 us, DDR = 26866944 bytes   (see main_graph_subgraph_0.html)');
  say('End to compile the model with march bayes-e.');
  say(table([bpuRow]));
  mkdirSync(prefix, { recursive: true });
  writeFileSync(join(prefix, `${prefix}_quantized_model.onnx`), 'quantised');
  if (fault !== 'no-bin')
    writeFileSync(join(prefix, `${prefix}.bin`), JSON.stringify({ config, removed: [] }));
  say('Convert to runtime bin file successfully!');
  say('End Model Convert');
}

/** As the compiler that hb_mapper starts, which goes on when only hb_mapper is ended. */
function hang() {
  const script = 'process.on("SIGTERM", () => {}); setTimeout(() => {}, 300_000); console.log("ready")';
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.once('data', () => {
    note(`child ${child.pid}`);
    mkdirSync(join(tmpdir(), 'half-done'));
    note(`temporary ${tmpdir()}`);
    say('Start to wait for ever.');
  });
}

/** @type {(output: Pick<Output, 'name' | 'dims'>, type: string) => string} */
const typed = ({ name, dims }, type) =>
  [`name: "${name}"`, 'type {', `  elem_type: ${type}`, ...dims.map((dim) => `  dim: ${dim}`), '}', ''].join(
    '\n',
  );
const listing = (/** @type {{ removed: string[] }} */ model) => {
  const nodes = outputs.filter(({ node }) => !model.removed.includes(node));
  const wrong = fault === 'wrong-type' ? 'output3' : null;
  return [
    '--------input----------',
    typed({ name: 'images', dims: [1, 320, 320, 3] }, 'INT8'),
    '--------output----------',
    ...outputs.map((one) => {
      const isInteger = model.removed.includes(one.node) && one.name !== wrong;
      return typed(one, isInteger ? 'INT32' : 'FLOAT');
    }),
    '--------node----------',
    ...nodes.map(({ node, name }) =>
      [`input: "${node}_in"`, `output: "${name}"`, `name: "${node}"`, 'op_type: "Dequantize"', ''].join('\n'),
    ),
    '--------value_info----------',
  ];
};

function modifier() {
  const [, file, ...rest] = args;
  log = join(process.cwd(), 'hb_model_modifier.log');
  writeFileSync(log, '');
  const model = JSON.parse(readFileSync(file, 'utf8'));
  for (const line of listing(model)) say(line);
  const asked = rest.filter((word) => word !== '-r');
  const quoted = (/** @type {string[]} */ names) => `[${names.map((name) => `'${name}'`).join(', ')}]`;
  if (asked.length === 0) {
    say(`Nodes that can be deleted: ${quoted(outputs.map(({ node }) => node))}`);
    return;
  }
  say(`Nodes that will be removed from this model: ${quoted(asked)}`);
  for (const [at, node] of asked.entries()) {
    if (fault === 'skip' && at === 0) {
      say(`Node ${node} is not found in the model! Skipped!`, 'WARNING');
      continue;
    }
    const { dims } = outputs.filter((one) => one.node === node)[0];
    const scales = Array.from({ length: dims[3] }, (_, channel) => (channel + 1) / 1024);
    say(`Node ${node} info: '${node}: scale: [${scales.join(', ')}]; zero point: {zero_point}'`);
    say(`Node '${node}' is removed`);
    model.removed.push(node);
  }
  const saved = file.replace(/\.bin$/, '_modified.bin');
  writeFileSync(saved, JSON.stringify(model));
  say(`modified model saved as ${saved}`);
}

function info() {
  log = join(process.cwd(), 'hb_model_info.log');
  writeFileSync(log, '');
  say('Start hb_model_info....');
  const { config } = JSON.parse(readFileSync(args[1], 'utf8'));
  say(`input_type_rt       : ${fault === 'yuv444' ? fault : found(/input_type_rt: (\S+)/, config)}`);
  for (const line of listing(JSON.parse(readFileSync(args[1], 'utf8')))) say(line);
}

const arrays = { f32: Float32Array, s32: Int32Array, s16: Int16Array };

/** The vendor's runtime: its outputs begin with the input's first level and count up from there. */
function simulate() {
  const [, , input, outputsPath, form, types] = args;
  const answer = (/** @type {object} */ content) => process.stdout.write(`${JSON.stringify(content)}\n`);
  if (fault === 'dies') {
    console.error('MemoryError: no room');
    process.exit(1);
  }
  const narrower = fault === 'other' ? 1 : 0;
  const described = outputs.map(({ name, dims: [one, height, width, count] }) => {
    const scales = Array.from({ length: count }, (_, channel) => (channel + 1) / 1024);
    return { name, dims: [one, height, width, count - narrower], scales };
  });
  const inputDims = form === 'nv12' ? [1, 320, 320, 3] : [1, 3, 320, 320];
  answer({ inputDims, outputs: described });
  let runs = 0;
  createInterface({ input: process.stdin }).on('line', () => {
    console.log = console.error;
    // The first two are on grey: at the start, and for the recording.
    if (++runs === 3 && fault === 'fault') return answer({ fault: 'RuntimeError: odd' });
    if (runs === 3 && fault === 'hang') return hang();
    const bytes = readFileSync(input);
    const first = form === 'nv12' ? bytes[0] : Math.round(bytes.readFloatLE(0) * 255);
    /** @type {[string, keyof typeof arrays][]} */
    const wanted = JSON.parse(types);
    const parts = wanted.map(([name, type]) => {
      const { dims } = outputs.filter((one) => one.name === name)[0];
      const size = dims.reduce((product, dim) => product * dim);
      const values = Array.from({ length: size }, (_, at) => first + (at % 100));
      return new Uint8Array(arrays[type].from(values).buffer);
    });
    writeFileSync(outputsPath, Buffer.concat(parts));
    answer({});
  });
}

function venv() {
  const folder = args.at(-1) ?? '';
  mkdirSync(join(folder, 'bin'), { recursive: true });
  writeFileSync(join(folder, 'pyvenv.cfg'), '');
  writeFileSync(join(folder, 'bin', 'python'), readFileSync(process.env.STANDIN_PYTHON ?? ''), {
    mode: 0o755,
  });
}

function pip() {
  if (args[2] === 'check') return;
  if (fault === 'pip') {
    console.error(
      'ERROR: Could not find a version that satisfies the requirement dgdk==1.0.0\nERROR: No matching',
    );
    process.exit(1);
  }
  if (fault === 'hang') return hang();
  const pinned = readFileSync(args.at(-1) ?? '', 'utf8').matchAll(/^([\w.-]+)==(\S+)/gm);
  for (const [, name, version] of pinned) {
    console.log(`Collecting ${name}==${version}`);
    const folder = `${name.replaceAll('-', '_')}-${version}.dist-info`;
    mkdirSync(join(process.cwd(), 'lib', 'python3.10', 'site-packages', folder), { recursive: true });
  }
  for (const tool of ['hb_mapper', 'hb_model_modifier', 'hb_model_info']) {
    writeFileSync(join(process.cwd(), 'bin', tool), `#!${process.cwd()}/bin/python\n`, { mode: 0o755 });
  }
}

/** @type {Record<string, () => void>} */
const tools = {
  hb_mapper: args[1] === 'checker' ? checker : makertbin,
  hb_model_modifier: modifier,
  hb_model_info: info,
  'simulate.py': simulate,
};
const name = basename(args[0] ?? '');
if (args.includes('venv')) venv();
else if (args.includes('-c'))
  console.log(`${process.env.STANDIN_VERSION ?? '3.10'} ${process.env.STANDIN_PYTHON}`);
else if (args[1] === 'pip') pip();
else if (args[1] !== '--version') {
  note([name, ...(name === 'hb_mapper' ? [args[1]] : [])].join(' '));
  tools[name]();
}
