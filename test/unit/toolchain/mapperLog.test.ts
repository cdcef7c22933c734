import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '#dist/core/errors.js';
import { reportOn } from '#dist/toolchain/logs/logReport.js';
import { reportAsText } from '#dist/toolchain/logs/logText.js';
import { type MapperLog, readMapperLog } from '#dist/toolchain/logs/mapperLog.js';
import { decodeText } from '#dist/files/textFile.js';
import { awk, fixturePath, fixtureText, logsMissing, realLog, seedText } from './files.js';

const isRow = '($2 == "BPU" || $2 == "CPU") && NF >= 4';
const realFiles = ['hb_mapper_log_yolov8n_seg.txt', 'hb_mapper_log_yolov8n.txt', 'hb_mapper_log_yolo11n.txt'];

function read(path: string) {
  return readMapperLog(decodeText(readFileSync(path), path), path);
}

function fixture(name: string) {
  return readMapperLog(fixtureText(name), fixturePath(name));
}

describe(`real logs${logsMissing === null ? '' : ` (skipped: ${logsMissing})`}`, () => {
  it.skipIf(logsMissing !== null).each([...realFiles.map(realLog), seedText])(
    '%s: every row, as awk sees it',
    (path) => {
      const { nodes } = read(path);
      expect(nodes.map((node) => `${node.name} ${node.device} ${node.type}`)).toEqual(
        awk(`${isRow} { print $1, $2, $4 }`, path),
      );
      const rated = awk(`${isRow} && $5 ~ /^[0-9.]+$/ { printf "%s %.6f %.6f\\n", $1, $5, $6 }`, path);
      expect(
        nodes
          .filter((node) => node.cosineSimilarity !== null)
          .map((node) => `${node.name} ${node.cosineSimilarity?.toFixed(6)} ${node.threshold?.toFixed(6)}`),
      ).toEqual(rated);
      expect(nodes.every((node) => node.dataType !== null && node.subgraph === 0)).toBe(true);
      expect(nodes.length - rated.length).toBeGreaterThan(15);
    },
  );

  it.skipIf(logsMissing !== null)('the 2025 segmentation log: settings, estimates, outputs, heads', () => {
    const report = reportOn(read(realLog('hb_mapper_log_yolov8n_seg.txt')));
    const { log } = report;
    expect(log).toMatchObject({
      tool: 'hb_mapper makertbin',
      state: 'finished',
      runCount: 1,
      openStep: null,
      versions: { hbMapper: '1.24.3', hbdk: '3.49.15', hbdkRuntime: '3.15.55.0', horizonNn: '1.1.0' },
      origin: { irVersion: 6, opsets: ['ai.onnx v11', 'horizon v1'], producer: 'pytorch v2.6.0' },
      calibration: {
        type: 'default',
        search: 'modelwise search',
        method: 'max-percentile:percentile=0.99995',
        sampleCount: 50,
        dataShape: [1, 3, 640, 640],
        dataType: 'float32',
      },
      compile: {
        march: 'bayes-e',
        optimizeLevel: 'O3',
        coreNum: 1,
        compileMode: 'latency',
        inputTypeRt: 'nv12',
        inputSource: 'pyramid',
        outputPrefix: 'yolov8n_seg_bayese_640x640_nv12',
      },
      estimates: [{ name: 'main_graph_subgraph_0', fps: 195.85, latencyUs: 5106.1, ddrBytes: 16796832 }],
      errors: [],
    });
    expect(log.outputs).toHaveLength(10);
    expect(log.outputs.at(-1)).toEqual({
      name: '419',
      cosineSimilarity: 0.969076,
      l1Distance: 0.107174,
      l2Distance: 0.000195,
      chebyshevDistance: 1.631372,
    });
    expect(log.warnings.map((warning) => warning.line)).toEqual([23]);
    expect(log.nodes.filter((node) => node.name.startsWith('...')).map((node) => node.fullName)).toEqual([
      '/model.6/cv2/act/Mul_output_0_calibrated_Requantize',
      '/model.4/cv2/act/Mul_output_0_calibrated_Requantize',
    ]);
    expect(report.placement).toEqual({ bpuNodes: log.nodes.length, cpuNodes: 0, subgraphs: 1 });
    expect(report.worstNodes[0].name).toBe('/model.8/cv2/act/Mul');
    const box32 = report.branches.find((branch) => branch.branch === 'cv2.2');
    expect(box32).toMatchObject({ role: 'box', downsample: 32, output: '400', outputSimilarity: 0.978407 });
    expect(box32?.worst?.cosineSimilarity).toBe(0.925033);
  });

  it.skipIf(logsMissing !== null)("the seed's own text: kl calibration, 188.82 frames/s, unfinished", () => {
    const report = reportOn(read(seedText));
    expect(report.log).toMatchObject({
      state: 'unfinished',
      calibration: { search: 'default calibration', method: 'kl:num_bins=1024', sampleCount: 50 },
      compile: {
        march: 'bayes-e',
        optimizeLevel: 'O3',
        coreNum: 1,
        inputSource: 'ddr',
        compileSeconds: 168.103,
      },
      estimates: [{ fps: 188.82, latencyUs: 5296, ddrBytes: 25174368 }],
    });
    expect(report.remarks.join('\n')).toContain('calibrated by kl:num_bins=1024, which may lose objects');
    const heads = report.heads.kind === 'resolved' ? report.heads.heads : [];
    const of = (role: string) => heads.filter((head) => head.role === role).map((head) => head.output);
    expect(of('coef')).toEqual(['output0', 'output1', '371']);
    expect(of('box')).toEqual(['379', '387', '395']);
    expect(of('cls')).toEqual(['403', '411', '419']);
    expect(of('proto')).toEqual(['347']);
    expect(report.worstNodes[0]).toMatchObject({
      name: '/model.22/cv3.2/cv3.2.1/conv/Conv',
      cosineSimilarity: 0.858073,
    });
  });

  it.skipIf(logsMissing !== null)(
    'of branches named one2one_, as YOLO26 has them, tells what their heads are',
    () => {
      const text = readFileSync(realLog('hb_mapper_log_yolov8n_seg.txt'), 'utf8');
      const renamed = text.replace(/\/cv([234])\./g, '/one2one_cv$1.');
      const { branches } = reportOn(readMapperLog(renamed, 'one2one'));
      expect(branches.find(({ branch }) => branch === 'one2one_cv2.2')).toMatchObject({
        ...{ role: 'box', downsample: 32, output: '400', outputSimilarity: 0.978407 },
      });
    },
  );

  it.skipIf(logsMissing !== null)('whatever surrounds the lines, the log says the same', () => {
    const text = readFileSync(realLog('hb_mapper_log_yolov8n_seg.txt'), 'utf8');
    const plain = readMapperLog(text, 'plain');
    const lines = text.split('\n');
    const escapeByte = String.fromCharCode(27);
    const wrapped: Record<string, string> = {
      crlf: lines.join('\r\n'),
      bom: `\ufeff${text}`,
      compose: lines.map((line) => `oe_toolchain-1  | ${line}`).join('\n'),
      'docker logs -t': lines.map((line) => `2025-07-23T15:19:33.821000001Z ${line}`).join('\n'),
      colours: lines.map((line) => `${escapeByte}[1;32m${line}${escapeByte}[0m`).join('\n'),
      journal: lines.map((line) => `Jul 23 15:19:33 host oe[812]: ${line}`).join('\n'),
    };
    for (const [name, one] of Object.entries(wrapped)) expect(readMapperLog(one, name), name).toEqual(plain);
    const utf16 = new Uint8Array(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]));
    expect(readMapperLog(decodeText(utf16, 'utf16'), 'utf16')).toEqual(plain);
  });

  it.skipIf(logsMissing !== null)('a log cut off at any place is read up to there, or refused', () => {
    const text = readFileSync(realLog('hb_mapper_log_yolov8n_seg.txt'), 'utf8');
    const whole = readMapperLog(text, 'whole');
    for (let part = 1; part < 12; part++) {
      const log = readMapperLog(text.slice(0, Math.floor((text.length * part) / 12)), 'part');
      expect(log.state).toBe('unfinished');
      expect(log.nodes.slice(0, -1)).toEqual(whole.nodes.slice(0, Math.max(0, log.nodes.length - 1)));
      expect(reportAsText(reportOn(log), 3)).toContain('no closing line');
    }
    const compiling = text.slice(0, text.indexOf('consumed time'));
    expect(readMapperLog(compiling, 'part').openStep).toBe('compile the model with march bayes-e');
  });
});

it('a checker log in docker colours: CPU operators, expected and not', () => {
  const report = reportOn(fixture('checker-docker.txt'));
  expect(report.log).toMatchObject({
    tool: 'hb_mapper checker',
    state: 'finished',
    compile: { march: 'bayes-e' },
  });
  expect(report.placement).toEqual({ bpuNodes: 3, cpuNodes: 3, subgraphs: 2 });
  expect(report.cpuNodes.map(({ node, isExpected }) => [node.type, isExpected])).toEqual([
    ['Softmax', true],
    ['Pow', false],
    ['Dequantize', false],
  ]);
  expect(report.log.graph.outputs).toEqual([{ name: 'output0', dims: [1, 8, 12, 7], type: 'FLOAT32' }]);
  expect(report.remarks.join('\n')).toMatch(/2 pieces/);
});

it('in a graph of one piece nodes at its edge are expected on the CPU', () => {
  const text = fixtureText('checker-docker.txt')
    .replaceAll('id(1)', 'id(0)')
    .replace('CPU  --        Pow', 'CPU  --        Transpose');
  const report = reportOn(readMapperLog(text, 'one'));
  expect(report.placement.subgraphs).toBe(1);
  expect(report.cpuNodes.map(({ node, isExpected }) => [node.type, isExpected])).toEqual([
    ['Softmax', true],
    ['Transpose', true],
    ['Dequantize', true],
  ]);
  expect(report.remarks.join('\n')).not.toMatch(/should not be there|pieces/);
});

it('a log of 2021: two subgraphs, blank cells told apart by their column', () => {
  const report = reportOn(fixture('makertbin-2021.txt'));
  const { log } = report;
  expect(log).toMatchObject({
    tool: 'hb_mapper makertbin',
    state: 'finished',
    calibration: { sampleCount: 12 },
    compile: { march: 'bernoulli2', optimizeLevel: 'O2', inputSource: 'pyramid' },
  });
  const figures = log.nodes.map((node) => [node.name, node.cosineSimilarity, node.threshold, node.dataType]);
  expect(figures).toEqual([
    ['HZ_PREPROCESS_FOR_data', 0.999995, 127, null],
    ['conv1', 0.999909, 253.879395, null],
    ['only_threshold', null, 4.5, null],
    ['only_similarity', 0.912345, null, null],
    ['neither', null, null, null],
  ]);
  expect(report.total).toEqual({ fps: 1e6 / 6000, latencyUs: 6000, ddrBytes: 4.5e6 });
  expect(report.remarks.join('\n')).toMatch(/only 12 calibration samples/);
});

it('of two runs in one file the last is reported; a failed run says where', () => {
  const run = fixtureText('makertbin-2021.txt');
  const begin = run.split('\n').slice(0, 5).join('\n');
  const second = `${begin}\n2021-04-20 17:09:00,000 ERROR no such operator: GridSample\n`;
  const report = reportOn(readMapperLog(run + second, 'two'));
  expect(report.log).toMatchObject({
    runCount: 2,
    state: 'failed',
    nodes: [],
    openStep: 'compile the model with march bernoulli2',
  });
  expect(report.remarks[0]).toMatch(/failed in the step "compile.*GridSample.*line \d+/);
  expect(report.remarks[1]).toMatch(/2 runs/);
});

it.each([
  ['an empty file', new Uint8Array(0), /holds no text; it has 0 bytes/],
  ['white space', new Uint8Array(Buffer.from(' \n\n')), /holds no text/],
  [
    'a binary file',
    new Uint8Array(Buffer.from([8, 7, 0, 0, 18, 7, 112, 121, 0, 1, 2, 3])),
    /not a text file/,
  ],
])('%s is refused', (_, bytes, message) => {
  expect(() => decodeText(bytes, 'log.txt')).toThrow(message);
  expect(() => decodeText(bytes, 'log.txt')).toThrow(ConfigError);
});

it.each([
  ['prose', 'Once upon a time\nthere was a log.', /begins with "Once upon a time"/],
  ['the text of model_info', fixtureText('info-two-models.txt'), /model info/],
])('%s is no log of hb_mapper, and the error says what it is', (_, text, message) => {
  expect(() => readMapperLog(text, 'file.txt')).toThrow(message);
});

it('a checker log of 2023: tensors named one by one, operator set without a domain', () => {
  const report = reportOn(fixture('checker-2023.txt'));
  expect(report.log).toMatchObject({
    tool: 'hb_mapper checker',
    state: 'finished',
    openStep: null,
    versions: { hbdk: '3.44.7', horizonNn: '0.17.1' },
    origin: { irVersion: 6, opsets: ['11'], producer: 'pytorch1.8' },
    compile: { optimizeLevel: 'O0' },
    graph: {
      inputs: [{ name: 'input', dims: [1, 3, 640, 640] }],
      outputs: [
        { name: 'output', dims: [1, 3, 80, 80, 85] },
        { name: '663', dims: [1, 3, 40, 40, 85] },
      ],
    },
  });
  expect(report.placement).toEqual({ bpuNodes: 2, cpuNodes: 0, subgraphs: 1 });
  expect(report.remarks.join('\n')).not.toContain('calibration samples');
});

it('the samples of a calibration are counted, not those that a correction takes again', () => {
  const text = fixtureText('checker-2023.txt');
  const counts = [4, 1, 1].map(
    (count) =>
      `input name: images,  number_of_samples: ${count}\nThere are ${count} samples in the data set.\n`,
  );
  expect(readMapperLog(`${text}\n${counts.join('')}`, 'log.txt').calibration.sampleCount).toBe(4);
});

it('a dumped configuration ends with the next log line, blank line or not', () => {
  const dump = [
    'calibration_parameters:',
    '  calibration_type: mix',
    'model_parameters:',
    '  march: bayes-e',
    "  input_name: ''",
    '  working_dir: out',
  ];
  const stamp = '2025-07-23 15:19:33,983 file: a.py func: a line No: 1 ';
  const search = "    calibration_type:     ['max', 'kl']";
  const after = `${stamp}The parameters:\n${search}\nGraph output:\n  a: shape=[1, 2]`;
  const begin = `${stamp}Start hb_mapper....\n${stamp}Dump config:\n${stamp}`;
  for (const end of ['\n', '\n\n']) {
    const log = readMapperLog(`${begin}${dump.join('\n')}${end}${after}`, 'log');
    expect(log.compile).toMatchObject({ march: 'bayes-e', workingDir: 'out' });
    expect(log.calibration.type).toBe('mix');
  }
  const cut = readMapperLog(`${begin}${dump.slice(0, 4).join('\n')}\n`, 'log');
  expect(cut.compile).toMatchObject({ march: 'bayes-e', workingDir: null });
});

it('a log cut anywhere gives a setting whole or not at all', () => {
  const stamp = '2025-07-23 15:19:33,983 file: a.py func: a line No: 1 ';
  const text = [
    `${stamp}Start hb_mapper....`,
    `${stamp}hb_mapper version 1.24.3`,
    `${stamp}Dump config:`,
    `${stamp}calibration_parameters:`,
    '  cal_data_dir: ./pictures_f32',
    '  output_model_file_prefix: tiny_nv12',
    `${stamp}Input ONNX Model Information:`,
    'Producer:                 pytorch v2.6.0',
    `${stamp}There are 50 samples in the data set.`,
    `${stamp}Select max-percentile:percentile=0.99995 method.`,
    `${stamp}hbdk-cc parameters:['--O3', '--core-num', '12', '--input-source', 'pyramid']`,
    `${stamp}consumed time 278.861`,
    `${stamp}FPS=195.85, latency = 5106.1 us, DDR = 16796832 bytes   (see main_graph_subgraph_0.html)`,
    `${stamp}The quantized model output:`,
    'Output      Cosine Similarity  L1 Distance',
    'output0     0.999523           0.360622',
    '',
  ].join('\n');
  const settings = ({ compile, calibration, versions, origin, estimates, outputs }: MapperLog) =>
    Object.entries({
      ...compile,
      ...calibration,
      ...versions,
      ...origin,
      estimate: estimates[0] ?? null,
      output: outputs[0] ?? null,
    });
  const whole = new Map(settings(readMapperLog(text, 'whole')));
  expect(whole.get('outputPrefix')).toBe('tiny_nv12');
  for (let end = text.indexOf('....') + 4; end < text.length; end++) {
    for (const [name, value] of settings(readMapperLog(text.slice(0, end), 'cut'))) {
      const isEmpty = value === null || (Array.isArray(value) && value.length === 0);
      if (!isEmpty) expect(value, `${name} of ${text.slice(end - 20, end)}`).toEqual(whole.get(name));
    }
  }
});

it('a figure that the end of the file may have cut is not taken for one', () => {
  const whole = fixtureText('makertbin-2021.txt');
  const end = whole.indexOf('0.999909') + '0.9'.length;
  const { nodes } = readMapperLog(whole.slice(0, end), 'cut');
  expect(nodes.at(-1)).toMatchObject({ name: 'conv1', type: 'HzSQuantizedConv', cosineSimilarity: null });
});

it('hundreds of warnings are counted in the text', () => {
  const advice = Array.from(
    { length: 300 },
    (_, index) => `2021-04-20 17:06:20,110 INFO advice: Layer "x${index}" becomes slow`,
  );
  const report = reportOn(readMapperLog(`${fixtureText('makertbin-2021.txt')}${advice.join('\n')}`, 'log'));
  expect(report.log.warnings).toHaveLength(300);
  expect(reportAsText(report, 1)).toMatch(/"x7" becomes slow\n {2}and 292 more/);
});

it('a log of hb_model_modifier: what it lists, removes and saves', () => {
  const listing = reportOn(fixture('modifier-ten.txt'));
  expect(listing.log).toMatchObject({ tool: 'hb_model_modifier', state: 'finished', nodes: [] });
  expect(listing.log.modifier?.listed).toHaveLength(11);
  expect(reportAsText(listing, 5)).toMatch(/listed +Dequantize +419 +419_HzDequantize/);
  const removal = reportOn(fixture('modifier-partly.txt'));
  expect(removal.log).toMatchObject({
    tool: 'hb_model_modifier',
    modifier: { savedAs: 'tiny_modified.bin' },
  });
  expect(removal.remarks).toEqual(['asked for but not removed: /model.22/cv2.9/Conv_output_0_HzDequantize']);
  expect(reportAsText(removal, 5)).toMatch(/removed +- +- +\/it's\/cv4\.0/);
  const cut = fixtureText('modifier-partly.txt').split('\n').slice(0, 3).join('\n');
  expect(readMapperLog(cut, 'cut').state).toBe('unfinished');
});

it('where the text ends in the node table, no head is judged by a node in its middle', () => {
  const row = (name: string, similarity: string) =>
    `${name}  BPU  id(0)  HzLut  ${similarity}  1.000000  int8`;
  const heading = 'Node  ON  Subgraph  Type  Cosine Similarity  Threshold  In/Out DataType';
  const rows = [row('/model.22/cv2.0/cv2.0.0/act/Mul', '0.900000'), row('/model.22/cv3.0/x', '0.910000')];
  const table = [heading, '------', ...rows].join('\n');
  const torn = `${table}\n/model.22/cv2.0/cv2.0.1/conv`;
  const stamp = '2025-07-23 15:19:33,983 file: a.py func: a line No: 1 ';
  for (const text of [table, `${table}\n`, torn]) {
    const report = reportOn(readMapperLog(text, 'cut'));
    expect(report.remarks.join('\n')).toContain('the text ends in the node table after 2 rows');
    expect(report.remarks.join('\n')).not.toContain('heads below');
    expect(report.branches.map(({ endSimilarity }) => endSimilarity)).toEqual([null, null]);
  }
  const whole = reportOn(readMapperLog(`${table}\n${stamp}End to Horizon NN Model Convert.`, 'whole'));
  expect(whole.remarks.join('\n')).toContain('heads below 0.99: cv2.0 0.9000, cv3.0 0.9100');
});
