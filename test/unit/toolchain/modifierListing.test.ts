import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { planDequant } from '#dist/toolchain/logs/dequantPlan.js';
import type { OutputRole } from '#dist/model/namedHeads.js';
import { readModifierLog } from '#dist/toolchain/logs/modifierLog.js';
import { awk, fixtureText, logsMissing, realData } from './files.js';

const layer = (name: string, level: number) =>
  `/model.23/${name}.${level}/${name}.${level}.2/Conv_output_0_HzDequantize`;
const heads = [0, 1, 2].flatMap((level) => ['cv2', 'cv4', 'cv3'].map((name) => ({ name, level })));
const outputOf: Readonly<Record<string, string>> = { cv2: 'box', cv3: 'cls', cv4: 'coef' };
const deletable = [...heads.map(({ name, level }) => layer(name, level)), 'proto_HzDequantize'];
/** What the seed removes; `--keep-float cls,proto` asks for it. */
const boxAndCoef = new Set<OutputRole>(['box', 'coef']);
const wanted = [0, 1, 2].flatMap((level) => [layer('cv2', level), layer('cv4', level)]);

/** A node as protobuf prints it; attributes have names too. */
function nodeText(name: string, type: string, inputs: string[], outputs: string[]): string {
  const attribute = (key: string) => `attribute {\n  name: "${key}"\n  type: INT\n  i: 3\n}`;
  return [
    ...inputs.map((input) => `input: "${input}"`),
    ...outputs.map((output) => `output: "${output}"`),
    `name: "${name}"`,
    `op_type: "${type}"`,
    ...(type === 'BPU' ? [] : [attribute('axis'), attribute('num_args')]),
    '',
  ].join('\n');
}

/** The listing of a model in two parts, with a Softmax between them, as the tool logs it. */
function listing(prefix: (line: number) => string, hasList = true): string {
  const valueInfo = (name: string) => `name: "${name}"\ntype {\n  elem_type: INT32\n  dim: 1\n}\n`;
  const entries = [
    'log will be stored in /workspace/hb_model_modifier.log',
    'storing info of model: tiny_seg.bin',
    '--------input----------',
    valueInfo('images'),
    '--------value_info----------',
    valueInfo(`${layer('cv2', 0)}_quantized`),
    '--------node----------',
    nodeText('main_graph_subgraph_0', 'BPU', ['images'], ['attn_quantized']),
    nodeText('attn_HzDequantize', 'Dequantize', ['attn_quantized', 'attn_scale'], ['attn']),
    nodeText('/model.10/attn/Softmax', 'Softmax', ['attn'], ['attn_soft']),
    nodeText('attn_HzQuantize', 'Quantize', ['attn_soft'], ['attn_soft_quantized']),
    nodeText(
      'main_graph_subgraph_1',
      'BPU',
      ['attn_soft_quantized'],
      [...deletable.map((name) => name.replace('HzDequantize', 'quantized'))],
    ),
    ...heads.map(({ name, level }) => {
      const quantized = layer(name, level).replace('HzDequantize', 'quantized');
      return nodeText(layer(name, level), 'Dequantize', [quantized], [`${outputOf[name]}${8 << level}`]);
    }),
    nodeText('proto_HzDequantize', 'Dequantize', ['proto_quantized'], ['proto']),
    '--------input_type----------',
    '7',
    ...(hasList ? [`Nodes that can be deleted: [${deletable.map((name) => `'${name}'`).join(', ')}]`] : []),
  ];
  return `${entries.map((entry, index) => `${prefix(index)}${entry}`).join('\n')}\n`;
}

const forms: readonly [string, (line: number) => string][] = [
  ['the long logger', (n) => `2026-11-28 15:22:11,0${n + 10} file: m.py func: m line No: ${n} `],
  ['the short logger', () => '2026-11-28 15:22:11,015 INFO '],
  ['brackets with the place', (n) => `[15:22:11.015][hb_model_modifier.py:${n}] INFO: `],
  ['slashes', () => '2024/08/16 15:22:11 INFO '],
  ['days first', () => '16.08.2024 15:22:11.123 INFO '],
  ['T and zone', () => '2024-08-16T15:22:11.123+08:00 INFO '],
  ['brackets round all', () => '[2024-08-16 15:22:11] [INFO] '],
  ['dashes between', () => '2024-08-16 15:22:11,015 - INFO - '],
  ['month and day', () => '08-16 15:22:11.015 INFO '],
  ['the journal', () => 'Aug 16 15:22:11 INFO '],
  ['a bare clock', () => '15:22:11 INFO: '],
  ['a form nobody knows', (n) => `<${n}|3h22m> I/modifier `],
  ['no time at all', () => ''],
];

describe('a listing of nodes', () => {
  it.each(forms)('with the time of %s names the ten removable nodes with their outputs', (_, prefix) => {
    const { listed, list, modelFile } = readModifierLog(listing(prefix));
    expect(listed.map((node) => node.name)).toEqual(deletable);
    expect(listed.map((node) => node.type)).toEqual(deletable.map(() => 'Dequantize'));
    expect(listed.map((node) => node.outputs.join())).toEqual([
      ...heads.map(({ name, level }) => `${outputOf[name]}${8 << level}`),
      'proto',
    ]);
    expect(list).toBe('whole');
    expect(modelFile).toBe('tiny_seg.bin');
  });

  it.each(forms)('with the time of %s, without the list of the tool: what lies at the rim', (_, prefix) => {
    const { listed, list } = readModifierLog(listing(prefix, false));
    expect(listed.map((node) => node.name)).toEqual(deletable);
    expect(list).toBeNull();
  });

  it('cut off anywhere it never names a node that is not in it whole', () => {
    const text = listing(forms[3][1], false);
    const known = new Map(readModifierLog(text).listed.map((node) => [node.name, node]));
    for (let end = 0; end < text.length; end += 7) {
      for (const node of readModifierLog(text.slice(0, end)).listed) {
        const isAttention = node.name.startsWith('attn') || node.name.includes('Softmax');
        if (!isAttention) expect(node).toEqual(known.get(node.name));
      }
    }
  });

  it('a node that was torn does not lend its outputs to the next', () => {
    const text = 'input: "a"\noutput: "b"\ninput: "c"\noutput: "d"\nname: "n"\nop_type: "Dequantize"\n';
    expect(readModifierLog(text).listed).toEqual([
      { name: 'n', type: 'Dequantize', inputs: ['c'], outputs: ['d'], line: 3 },
    ]);
  });
});

describe('the list of names on the console', () => {
  const names = deletable.map((name) => `'${name}'`).join(', ');
  const console_ = `2026-04-20 13:56:27,780 INFO Nodes that can be deleted: [${names}]\n`;
  const plan = (text: string, bin: string | null = 'x.bin', roles = boxAndCoef) =>
    planDequant([{ path: 'console', text }], roles, bin).plan;
  const removed = (text: string) =>
    plan(text)
      .choices.filter((choice) => choice.isRemoved)
      .map((choice) => choice.node.name);

  /** A conversion whose shapes leave nothing open: 80 classes, 64 box channels. */
  const conversion = {
    path: 'makertbin',
    text: fixtureText('makertbin-64-classes.txt')
      .split('\n')
      .map((line) =>
        /^\s+(output1|376|400):/.test(line) ? line : line.replace(', 64], dtype', ', 80], dtype'),
      )
      .join('\n'),
  };

  it('becomes the command for boxes and coefficients', () => {
    expect(removed(console_)).toEqual(wanted);
    expect(plan(console_).removeCommand).toBe(
      ['hb_model_modifier x.bin', ...wanted.map((name) => `  -r ${name}`)].join(' \\\n'),
    );
  });

  it('is put together again where the terminal broke it', () => {
    const width = 100;
    const lines = console_.match(new RegExp(`.{1,${width}}`, 'g'))!;
    expect(lines.length).toBeGreaterThan(5);
    expect(removed(`${lines.join('\n')}\n`)).toEqual(wanted);
    const escapeByte = String.fromCharCode(27);
    expect(removed(console_.replace('INFO', `${escapeByte}[92mINFO${escapeByte}[0m`))).toEqual(wanted);
  });

  it('that is cut off is refused with what it lacks, never made half a command', () => {
    for (let end = console_.indexOf('[') + 1; end < console_.indexOf("'proto_Hz"); end += 3) {
      const text = console_.slice(0, end);
      const isWhole = wanted.every((name) => text.includes(`'${name}'`));
      if (isWhole) expect(plan(text).doubt).toMatch(/list of nodes that can be deleted is cut off/);
      else expect(() => plan(text)).toThrow(/no node of .*cv|shows no Dequantize nodes/);
    }
  });

  it('without its beginning is refused with what it lacks, or names it where the shapes are known', () => {
    for (let begin = console_.indexOf('[') + 1; begin < console_.indexOf(layer('cv4', 2)); begin += 31) {
      const text = console_.slice(begin);
      const lost = wanted.filter((name) => !text.includes(`'${name}'`));
      if (lost.length === 0) continue;
      expect(() => plan(text)).toThrow(/no node of .*cv/);
      const shown = planDequant([conversion, { path: 'console', text }], boxAndCoef, null).plan;
      expect(shown.unlisted).toHaveLength(lost.length);
      expect(shown.doubt).toMatch(/list of nodes that can be deleted is cut off/);
    }
  });

  it('of layers named one2one_: takes them as the others, and names them where they are missing', () => {
    const newer = console_.replace(/cv([234])\./g, 'one2one_cv$1.');
    expect(plan(newer).doubt).toBeNull();
    expect(removed(newer)).toEqual(wanted.map((name) => name.replace(/cv([234])\./g, 'one2one_cv$1.')));
    const lacking = newer.replace(/'[^']*one2one_cv2\.1[^']*', /, '');
    expect(() => plan(lacking)).toThrow(/no node of one2one_cv2\.1: /);
    expect(plan(console_).doubt).toBeNull();
  });

  it('without the class heads or the prototype is refused when these are asked for', () => {
    const lacking = console_.replace(`'${layer('cv3', 1)}', `, '');
    expect(removed(lacking)).toEqual(wanted);
    expect(() => plan(lacking, 'x.bin', new Set(['box', 'coef', 'cls']))).toThrow(/no node of cv3\.1: /);
    const all = new Set<OutputRole>(['box', 'coef', 'cls', 'proto']);
    expect(() => plan(lacking, 'x.bin', new Set(['proto']))).toThrow(/no node of proto: /);
    expect(() => plan(console_.replace(", 'proto_HzDequantize'", ''), 'x.bin', all)).toThrow(
      /no node of proto: /,
    );
    // Beside all other heads the node that is called by a number can be no other.
    const numbered = console_.replace('proto_HzDequantize', '419_HzDequantize');
    expect(plan(numbered, 'x.bin', all).removeCommand!.match(/-r /g)).toHaveLength(10);
    const second = numbered.replace("'419_", "'420_HzDequantize', '419_");
    expect(() => plan(second, 'x.bin', all)).toThrow(/no node of proto: .*--keep-float/);
  });

  it('of a model that no log names says that MODEL.bin stands for it', () => {
    const { modelFile, doubt, removeCommand } = plan(console_, null);
    expect(modelFile).toBeNull();
    expect(doubt).toMatch(/no log names the \.bin file: MODEL\.bin stands for it; give it with --bin/);
    expect(removeCommand).toMatch(/^hb_model_modifier MODEL\.bin /);
  });

  it('is matched to the heads of the conversion by layer, and the prototype by its output', () => {
    const list = readModifierLog(fixtureText('modifier-ten.txt')).listed.filter(
      ({ type }) => type !== 'Transpose',
    );
    const text = `INFO Nodes that can be deleted: [${list.map(({ name }) => `'${name}'`).join(', ')}]\n`;
    const files = [conversion, { path: 'console', text }];
    const { choices, unlisted, decidedBy } = planDequant(files, boxAndCoef, null).plan;
    expect(decidedBy).toBe('layer names');
    expect(unlisted).toEqual([]);
    expect(choices.map(({ role, downsample }) => `${role}${downsample}`)).toEqual([
      ...[8, 16, 32].flatMap((downsample) => [`cls${downsample}`, `box${downsample}`, `coef${downsample}`]),
      'proto4',
    ]);
    const short = text.replace(/, '[^']*cv4\.2[^']*'/, '');
    const lacking = planDequant([files[0], { path: 'console', text: short }], boxAndCoef, null).plan.unlisted;
    expect(lacking.map(({ role, downsample }) => `${role}${downsample}`)).toEqual(['coef32']);
    // Where shapes leave two readings, names still tell.
    const ambiguous = { path: 'makertbin', text: fixtureText('makertbin-64-classes.txt') };
    expect(
      planDequant([ambiguous, files[1]], boxAndCoef, null)
        .plan.choices.filter((choice) => choice.isRemoved)
        .map(({ node }) => node.name),
    ).toEqual(
      [0, 1, 2].flatMap((level) => ['cv2', 'cv4'].map((name) => layer(name, level).replace('23', '22'))),
    );
  });

  it('with two nodes for one head is refused', () => {
    const twice = console_.replace("'proto_Hz", "'/model.23/proto/a_HzDequantize', '/model.23/proto/b_Hz");
    expect(() => planDequant([conversion, { path: 'console', text: twice }], boxAndCoef, null)).toThrow(
      /proto\/a_HzDequantize and \S+proto\/b_HzDequantize both look like proto: pass hb_model_modifier\.log/,
    );
  });

  it('that is empty is told', () => {
    expect(() => plan('INFO Nodes that can be deleted: []\n')).toThrow(/lists nothing that can be removed/);
  });
});

describe(`logs of the vendor's tools${logsMissing === null ? '' : ` (skipped: ${logsMissing})`}`, () => {
  it.skipIf(logsMissing !== null)(
    'YOLO11: the ten the tool names of sixteen listed, as awk sees them',
    () => {
      const path = realData('bpu/real_modifier_yolo11.log');
      const { listed, modelFile } = readModifierLog(readFileSync(path, 'utf8'));
      const names = awk(
        `/can be deleted/ { sub(/.*\\[/, ""); gsub(/[\\]' ]/, ""); gsub(/,/, "\\n"); print }`,
        path,
      );
      expect(names).toHaveLength(10);
      expect(listed.map((node) => node.name)).toEqual(names);
      expect(modelFile).toBe('y11n80_128_heads_bayese_128x128_nv12.bin');
      const makertbin = realData('bpu/real_makertbin_yolo11_11dequant.log');
      const files = [makertbin, path].map((one) => ({ path: one, text: readFileSync(one, 'utf8') }));
      const { plan } = planDequant(files, boxAndCoef, null);
      const removed = plan.choices.filter((choice) => choice.isRemoved).map((choice) => choice.node.name);
      expect(removed).toEqual(names.filter((name) => /cv[24]/.test(name)));
      expect(plan.others).toEqual([]);
    },
  );

  it.skipIf(logsMissing !== null)('a removal: the six nodes asked for and removed, as awk sees them', () => {
    const whole = readModifierLog(readFileSync(realData('bpu/hb_model_modifier.log'), 'utf8'));
    const console_ = realData('bpu/hb_model_modifier_removed.log');
    const shown = readModifierLog(readFileSync(console_, 'utf8'));
    const gone = awk(`/is removed/ { split($0, part, "'"); print part[2] }`, console_);
    expect(gone).toHaveLength(6);
    for (const log of [whole, shown]) {
      expect(log.removed).toEqual(gone);
      expect(log.asked).toEqual(gone);
      expect(log.savedAs).toBe('yolov8n_seg_heads_bayese_640x640_nv12_modified.bin');
    }
    expect(whole.listed).toHaveLength(10);
    expect(whole.listed.every((node) => node.type === 'Dequantize')).toBe(true);
  });

  it.skipIf(logsMissing !== null).each(['05otherts.md.log', '06otherts2.md.log'])(
    'the listing with another form of time: %s',
    (name) => {
      const listings = [realData(`field/22-modifier-logs/${name}`), realData('bpu/hb_mapper_makertbin.log')];
      const files = listings.map((path) => ({ path, text: readFileSync(path, 'utf8') }));
      const { plan } = planDequant(files, boxAndCoef, null);
      expect(plan.choices).toHaveLength(10);
      expect(plan.unlisted).toEqual([]);
      expect(plan.removeCommand!.match(/-r \S+cv[24]\.[012]\/\S+_HzDequantize/g)).toHaveLength(6);
    },
  );

  it.skipIf(logsMissing !== null)('the console text of a listing: six of its ten names', () => {
    const files = ['logs/hb_mapper_log_yolov8n_seg.txt', 'field/01-modifier-console-list/console.txt']
      .map(realData)
      .map((path) => ({ path, text: readFileSync(path, 'utf8') }));
    const { plan } = planDequant(files, boxAndCoef, null);
    expect(plan.choices.map(({ role }) => role).sort()).toEqual(
      [...Array(3).fill('box'), ...Array(3).fill('cls'), ...Array(3).fill('coef'), 'proto'].sort(),
    );
    expect(plan.removeCommand!.match(/-r /g)).toHaveLength(6);
    expect(plan.removeCommand).not.toMatch(/cv3|419/);
  });
});
