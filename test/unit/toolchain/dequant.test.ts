import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { isDone, planDequant } from '#dist/toolchain/logs/dequantPlan.js';
import { dequantAsText } from '#dist/toolchain/logs/dequantText.js';
import type { OutputRole } from '#dist/model/namedHeads.js';
import { readModifierLog } from '#dist/toolchain/logs/modifierLog.js';
import { shellCommand, shellQuote } from '#dist/toolchain/text/shell.js';
import { awk, fixturePath, fixtureText, logsMissing, realLog, seedText } from './files.js';

const boxAndCoef = new Set<OutputRole>(['box', 'coef']);
const scratch = mkdtempSync(join(tmpdir(), 'dequant-'));
afterAll(() => rmSync(scratch, { recursive: true }));

function fileOf(name: string) {
  return { path: name, text: fixtureText(name) };
}

/** The arguments that a program of this name gets when /bin/sh runs the command. */
function argumentsSeen(program: string, command: string): string[] {
  const stub = join(scratch, program);
  writeFileSync(stub, '#!/bin/sh\nprintf "%s\\0" "$@"\n');
  chmodSync(stub, 0o755);
  const output = execFileSync('/bin/sh', ['-c', command], {
    encoding: 'utf8',
    env: { PATH: `${scratch}:/usr/bin:/bin` },
  });
  return output.split('\0').slice(0, -1);
}

describe(`the seed's own text${logsMissing === null ? '' : ` (skipped: ${logsMissing})`}`, () => {
  it.skipIf(logsMissing !== null)('yields its six nodes in its order, its command and its check', () => {
    const { plan, check } = planDequant(
      [{ path: 'seed', text: readFileSync(seedText, 'utf8') }],
      boxAndCoef,
      null,
    );
    // What the seed typed: the lines `-r "NAME" \` as awk sees them.
    const typed = awk('$1 == "-r" { gsub(/"/, "", $2); print $2 }', seedText);
    expect(typed).toHaveLength(6);
    expect(plan.choices.map((choice) => choice.node.name)).toEqual(typed);
    expect(plan.choices.every((choice) => choice.isRemoved)).toBe(true);
    expect(plan.choices.map(({ role, downsample }) => `${role}${downsample}`)).toEqual([
      'coef8',
      'coef16',
      'coef32',
      'box8',
      'box16',
      'box32',
    ]);
    expect(plan.decidedBy).toBe('shapes');
    expect(argumentsSeen('hb_model_modifier', plan.removeCommand!)).toEqual([
      'yolov8n_instance_seg_bayese_640x640_nchw.bin',
      ...typed.flatMap((name) => ['-r', name]),
    ]);
    expect(plan.perfCommand).toBe(
      'hrt_model_exec perf --thread_num 2 --model_file yolov8n_instance_seg_bayese_640x640_nchw_modified.bin',
    );
    expect(check).toMatchObject({ asked: typed, removed: typed, missing: [], surplus: [] });
    expect(check?.savedAs).toBe(plan.modifiedFile);
    expect(isDone(check!)).toBe(true);
  });

  it.skipIf(logsMissing !== null).each([0, 1, 2, 3, 4, 5])(
    'without the removal of node %i the check names it',
    (index) => {
      const removals = readFileSync(seedText, 'utf8');
      const lines = removals.split('\n').filter((line) => line.endsWith(' is removed'));
      const { check } = planDequant(
        [{ path: 'seed', text: removals.replace(lines[index], '') }],
        boxAndCoef,
        null,
      );
      const name = /Node '(.*)' is removed/.exec(lines[index])?.[1];
      expect(check?.missing).toEqual([name]);
      expect(isDone(check!)).toBe(false);
    },
  );

  it.skipIf(logsMissing !== null)('a log without nodes says which command comes first', () => {
    const path = realLog('hb_mapper_log_yolov8n_seg.txt');
    const { plan, check } = planDequant([{ path, text: readFileSync(path, 'utf8') }], boxAndCoef, null);
    expect(plan).toMatchObject({
      choices: [],
      removeCommand: null,
      listCommand: 'hb_model_modifier yolov8n_seg_bayese_640x640_nv12.bin',
    });
    expect(check).toBeNull();
  });

  it.skipIf(logsMissing !== null)('a detection model is refused with what it is', () => {
    const path = realLog('hb_mapper_log_yolov8n.txt');
    const text = `${readFileSync(path, 'utf8')}\n${fixtureText('modifier-ten.txt')}`;
    expect(() => planDequant([{ path, text }], boxAndCoef, null)).toThrow(/detection model/);
  });
});

describe('ten listed nodes whose shapes are ambiguous', () => {
  const files = [fileOf('makertbin-64-classes.txt'), fileOf('modifier-ten.txt')];
  const layer = (name: string, level: number) =>
    `/model.22/${name}.${level}/${name}.${level}.2/Conv_output_0_HzDequantize`;

  it('boxes and coefficients go, classes and prototype stay; other node types are left alone', () => {
    const { plan } = planDequant(files, boxAndCoef, null);
    expect(plan.choices).toHaveLength(10);
    const removed = plan.choices.filter((choice) => choice.isRemoved).map((choice) => choice.node.name);
    expect(removed).toEqual([0, 1, 2].flatMap((level) => [layer('cv2', level), layer('cv4', level)]));
    expect(plan.others.map((node) => node.type)).toEqual(['Transpose']);
    expect(plan.unlisted).toEqual([]);
  });

  it('the order of files plays no part, and one file with both will do', () => {
    const { plan } = planDequant(files, boxAndCoef, null);
    expect(planDequant([...files].reverse(), boxAndCoef, null).plan.choices).toEqual(plan.choices);
    const joined = { path: 'both', text: files.map((file) => file.text).join('') };
    expect(planDequant([joined], boxAndCoef, null).plan.removeCommand).toBe(plan.removeCommand);
  });

  it('classes and prototype go when asked for', () => {
    const { plan } = planDequant(files, new Set<OutputRole>(['box', 'coef', 'cls', 'proto']), null);
    expect(plan.choices.filter((choice) => choice.isRemoved)).toHaveLength(10);
    expect(plan.removeCommand).toContain('-r 419_HzDequantize');
  });

  it('a list that is cut off names the heads it lacks', () => {
    const cut = files[1].text.slice(0, files[1].text.indexOf('output: "400"'));
    const { plan } = planDequant([files[0], { path: 'cut', text: cut }], boxAndCoef, null);
    expect(plan.unlisted.map((head) => `${head.role}${head.downsample} ${head.output}`)).toEqual([
      'box32 400',
      'coef32 408',
    ]);
  });

  it('a log that ends within the name of the model does not name it', () => {
    const name = 'output_model_file_prefix: tiny_nv12';
    const text = `${fixtureText('makertbin-64-classes.txt').replace(/^.*Saving model.*\n/m, '')}${name}`;
    const refused = () => planDequant([{ path: 'cut', text: text.slice(0, -5) }], boxAndCoef, null);
    expect(refused).toThrow(/cut does not name the \.bin file/);
    const { plan } = planDequant([{ path: 'whole', text: `${text}\n` }], boxAndCoef, null);
    expect(plan.modelFile).toBe('tiny_nv12.bin');
  });

  it('without shapes the layer names decide, and the plan says so', () => {
    const { plan } = planDequant([files[1]], boxAndCoef, null);
    expect(plan.decidedBy).toBe('layer names');
    expect(plan.choices.filter((choice) => choice.isRemoved)).toHaveLength(6);
  });

  it('a removal that differs from the plan is told node by node', () => {
    const removed = [
      ...[0, 1, 2].flatMap((level) => [layer('cv2', level), layer('cv3', level)]),
      layer('cv4', 0),
      layer('cv4', 1),
    ];
    const done = removed.map((name) => `Node '${name}' is removed`).join('\n');
    const log = { path: 'removal', text: `${done}\nmodified model saved as x_modified.bin` };
    const lines = dequantAsText(planDequant([...files, log], boxAndCoef, null)).split('\n');
    const told = lines
      .filter((line) => /removed, though|not removed, though/.test(line))
      .map((line) => line.trim());
    expect(told).toEqual([
      `cls ${layer('cv3', 0)}: removed, though it was to stay`,
      `cls ${layer('cv3', 1)}: removed, though it was to stay`,
      `cls ${layer('cv3', 2)}: removed, though it was to stay`,
      `coef ${layer('cv4', 2)}: not removed, though it should be`,
    ]);
  });

  it('a model file with a space and an apostrophe reaches the tool whole', () => {
    const { plan } = planDequant(files, boxAndCoef, null);
    expect(argumentsSeen('hb_model_modifier', plan.listCommand)).toEqual(["tiny seg's.bin"]);
    expect(argumentsSeen('hrt_model_exec', plan.perfCommand).at(-1)).toBe("tiny seg's_modified.bin");
  });
});

it('what was asked for and not removed is named, apostrophes included', () => {
  const { check } = planDequant([fileOf('modifier-partly.txt')], boxAndCoef, null);
  expect(check?.asked).toHaveLength(3);
  expect(check?.removed).toEqual([
    '/model.22/cv2.0/cv2.0.2/Conv_output_0_HzDequantize',
    "/it's/cv4.0/Conv_output_0_HzDequantize",
  ]);
  expect(check?.missing).toEqual(['/model.22/cv2.9/Conv_output_0_HzDequantize']);
  expect(check?.complaints.join()).toContain('not found in the model');
});

it('a refusal is read with and without quotes around the name, and never out of the name', () => {
  const refusals = [
    'Node nosuch is not found in the model! Skipped!',
    "Node 'nosuch' is not found in the model! Skipped!",
    'Node /it is/a skip is not adjacent to input or output. It can not be removed! Skipped!',
  ];
  const text = [
    "Nodes that will be removed from this model: ['/skip/a']",
    "Node '/skip/a' found, its OP type is 'Dequantize'",
    "Node '/skip/a' is removed",
    ...refusals,
  ].join('\n');
  const { check } = planDequant([{ path: 'log', text }], boxAndCoef, 'x.bin');
  expect(check?.complaints).toEqual(refusals);
  expect(check?.removed).toEqual(['/skip/a']);
});

it('a removal without a saved model is not done', () => {
  const whole =
    "Nodes that will be removed from this model: ['a']\nNode 'a' is removed\n" +
    'modified model saved as x_modified.bin';
  const checkOf = (text: string) => planDequant([{ path: 'log', text }], boxAndCoef, 'x.bin').check!;
  expect(isDone(checkOf(whole))).toBe(true);
  const cut = checkOf(whole.slice(0, whole.indexOf('modified model')));
  expect(cut).toMatchObject({ missing: [], savedAs: null });
  expect(isDone(cut)).toBe(false);
});

it('commands in a text are read as a shell reads them', () => {
  const text = `$ hb_model_modifier 'a b.bin' \\\n-r "x/\\"y\\"" \\\n  -r it\\'s\nls -r not-this`;
  expect(readModifierLog(text)).toMatchObject({ modelFile: 'a b.bin', asked: ['x/"y"', "it's"] });
});

it.each([
  'plain',
  '/a/b.0',
  "it's",
  'two words',
  '$HOME `id` \\ "q" !',
  '',
  'a\nb',
  '*',
  '~',
  '-r',
  "''",
  'ä',
])('/bin/sh reads %j unchanged', (word) => {
  expect(argumentsSeen('show', shellCommand(['show', word], ['-x', word]))).toEqual([word, '-x', word]);
  expect(shellQuote('/model.22/cv2.0')).toBe('/model.22/cv2.0');
});

it.each([
  ['prose', 'nothing here', /no Dequantize nodes/],
  ['the text of model_info', fixtureText('info-two-models.txt'), /no Dequantize nodes/],
])('%s is refused', (_, text, message) => {
  expect(() => planDequant([{ path: fixturePath('x'), text }], boxAndCoef, null)).toThrow(message);
});

describe('a log of hb_mapper without the heads of a segmentation model', () => {
  const whole = `${fixtureText('makertbin-64-classes.txt')}2025-03-02 11:00:00,002 INFO End to prepare.\n`;
  const plan = (text: string) => planDequant([{ path: 'F', text }], boxAndCoef, 'x.bin').plan;
  const withoutLines = (...parts: string[]) =>
    whole
      .split('\n')
      .filter((line) => !parts.some((part) => line.includes(part)))
      .join('\n');

  it('six heads: a detection model', () => {
    expect(() => plan(withoutLines(' 360:', ' 384:', ' 408:', ' 419:'))).toThrow(/six heads are a detection/);
  });

  it('nine heads, three with 17 points of three numbers: a pose model', () => {
    const pose = withoutLines(' 419:').replaceAll(', 32], dtype', ', 51], dtype');
    expect(() => plan(pose)).toThrow(
      /nine heads without a mask prototype are a pose or oriented box model[\s\S]*360 \[1, 8, 12, 51\]/,
    );
  });

  it('shapes that leave two readings are no reason to refuse before the nodes are listed', () => {
    expect(plan(whole).removeCommand).toBeNull();
  });

  it('cut off anywhere before the last output: never a plan, never another task', () => {
    for (let end = 1; end < whole.indexOf('419:') + '419:'.length; end++) {
      expect(() => plan(whole.slice(0, end)), whole.slice(0, end)).toThrow(
        /holds no text|shows no Dequantize nodes|the log ends after \d graph outputs?; expected 10/,
      );
    }
  });

  it('a run without its end casts doubt on the model file, a failed one is refused', () => {
    expect(plan(whole).doubt).toMatch(/no closing line \(it ends in the step "Horizon NN Model Convert"\)/);
    expect(plan(`${whole}INFO Convert to runtime bin file successfully!\n`).doubt).toBeNull();
    expect(() => plan(`${whole}2025-03-02 11:00:01,000 ERROR no space left\n`)).toThrow(
      /does not end with x\.bin \(the run failed in the step .*: no space left\)/,
    );
  });
});

it('a list without shapes that lacks a coefficient head is refused with what it has', () => {
  const whole = fixtureText('modifier-ten.txt');
  const detection = whole.replaceAll(/cv4/g, 'cv3');
  expect(() => planDequant([{ path: 'F', text: detection }], boxAndCoef, null)).toThrow(
    /no node of cv4\.0, cv4\.1, cv4\.2: [\s\S]*\/model\.22\/cv2\.0\//,
  );
  const cut = whole.slice(0, whole.indexOf('name: "/model.22/cv4.2/'));
  expect(() => planDequant([{ path: 'F', text: cut }], boxAndCoef, null)).toThrow(/no node of cv4\.2: /);
});
