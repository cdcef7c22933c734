import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { fixturePath } from '../toolchain/files.js';
import { cli, run, scratch, shapesModel, stockModel } from '../toolchain/modelCommand.js';

const scenes = fileURLToPath(new URL('../../../assets/scenes', import.meta.url));

/** The command with its output in a shell's hands; `status` is that of the command, not of the pipe. */
function inShell(redirected: string, ...args: string[]) {
  const command = ['"$0" "$@"', redirected, '; echo "status $PIPESTATUS" >&2'].join(' ');
  const { stderr } = spawnSync('bash', ['-c', command, process.execPath, cli, ...args], {
    encoding: 'utf8',
    cwd: scratch,
  });
  return { stderr, status: Number(/status (\d+)\n$/.exec(stderr)?.[1]) };
}

describe('what cannot be understood ends with 2 and one line', () => {
  it.each<[string, RegExp]>([
    ['nonsense', /unknown command 'nonsense'/],
    ['modle', /unknown command 'modle' \(Did you mean model\?\)/],
    ['model lgo', /unknown command 'lgo' \(Did you mean log\?\)/],
    ['model log', /missing required argument 'file'/],
    ['model log a b', /too many arguments for 'log'/],
    ['model log x --jsn', /unknown option '--jsn' \(Did you mean --json\?\)/],
    ['model dequant x --keep-flot', /unknown option '--keep-flot' \(Did you mean --keep-float\?\)/],
    ['model calib --image x', /--images/],
    ['bench --model x --task 3', /unknown option '--task' \(Did you mean --tasks\?\)/],
    ['bench --model x --threads 3', /--threads is called --tasks now: give --tasks 3/],
    ['bench --model x --frames many', /expected a positive integer/],
    [
      'segment x --model y -o z --class-names LICENSE.txt,b --nms no',
      /'no' is invalid. Allowed choices are auto, on, off/,
    ],
    [
      `segment x --model y -o z --class-names ${shapesModel}`,
      /argument '\S*shapes-seg-320.onnx' is invalid. it is a file; expected names, or coco/,
    ],
    ['tensors --model x --images y -o z --scale s', /unknown option '--scale' \(Did you mean --scales\?\)/],
    ['parameters --fromat yaml', /unknown option '--fromat' \(Did you mean --format\?\)/],
    ['record --grund-truth x', /unknown option '--grund-truth' \(Did you mean --ground-truth\?\)/],
    ['record --grund-truth x --ros-args -r a:=b', /unknown option '--grund-truth'/],
    ['record x', /record does not take x; expected --ros-args/],
    ['record --ground-truth x', /--ground-truth and --camera-log belong together/],
    ['record --ground-truth none --camera-log x --ros-args -r a:=b', /none does not exist/],
    ['camera --sorce x', /unknown option '--sorce' \(Did you mean --source\?\)/],
    ['camera --source none --ros-args -p x:=y', /none does not exist/],
    ['camera --ros-args -p x:=y -- --source none', /none does not exist/],
    ['camera --ros-args -p x:=y -- --sorce none', /unknown option '--sorce'/],
  ])('%s', (line, message) => {
    const { status, stdout, stderr } = run(...line.split(' '));
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^rdk-yolo-seg: [^\n]*\n$/);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  });
});

describe('a dash for standard output is refused and becomes no file', () => {
  it.each([
    ['model', 'heads', stockModel, '-o', '-'],
    ['model', 'ptq', shapesModel, '-o', '-'],
    ['model', 'calib', '--images', scenes, '-o', '-'],
    ['model', 'log', fixturePath('makertbin-2021.txt'), '--html', '-'],
    ['tensors', '--model', shapesModel, '--images', scenes, '-o', '-'],
    ['bench', '--model', shapesModel, '--json', '-'],
    ['record', '--out', '-'],
    ['camera', '--log', '-'],
  ])('%s %s', (...args) => {
    const { status, stdout, stderr } = run(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^rdk-yolo-seg: arguments: --\w+ -: .* give \.\/-\n$/);
    expect(readdirSync(scratch)).not.toContain('-');
  });
});

describe('a place that takes no files is told at once, in words', () => {
  const places: readonly [string, RegExp][] = [
    ['/proc/x', /: \/proc takes no files or folders$/],
    ['/proc/x/y', /: (?:\/proc takes no files or folders|the folder \/proc\/x does not exist)$/],
    ['taken/x', /: \S*taken is no folder$/],
    ['/sys/x', /: (?:permission denied|the file system is read-only|\/sys takes no files or folders)$/],
    ['', /"" \(no name\)/],
  ];
  const commands: readonly [string, (place: string) => readonly string[]][] = [
    ['model ptq', (place) => ['model', 'ptq', shapesModel, '--calibration', 'skip', '-o', place]],
    ['record', (place) => ['record', '--out', place]],
    ['model heads', (place) => ['model', 'heads', stockModel, '-o', place]],
    ['model calib', (place) => ['model', 'calib', '--images', scenes, '--count', '1', '-o', place]],
    ['model log', (place) => ['model', 'log', fixturePath('makertbin-2021.txt'), '--html', place]],
    ['bench', (place) => ['bench', '--model', shapesModel, '--json', place]],
  ];

  it.each(
    commands.flatMap(([name, args]) =>
      places
        .filter(([place]) => ['model ptq', 'record'].includes(name) || /^(?:\/proc|taken)\/x$/.test(place))
        .map(([place, why]) => ({ name, place, args: args(place), why })),
    ),
  )('$name $place', ({ args, why }) => {
    writeFileSync(join(scratch, 'taken'), '');
    const { status, stdout, stderr } = run(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^rdk-yolo-seg: output: [^\n]*\n$/);
    expect(stderr.trimEnd()).toMatch(why);
    expect(stderr).not.toMatch(/caused by|E[A-Z]{4,}|unfinished/);
  });
});

describe('output that cannot be written', () => {
  const log = ['model', 'log', fixturePath('makertbin-2021.txt'), '--json'];

  it.each([
    ['a command', log],
    ['the help', ['--help']],
    ['the parameters', ['parameters']],
    ['a model', ['model', 'info', shapesModel, '--json']],
  ])('to a reader that went away is dropped without a word: %s', (_, args) => {
    // A pipe without a reader: `true` has ended before anything is written.
    const result = inShell('| true', ...args);
    expect(result.stderr).toBe('status 0\n');
  });

  it('leaves the exit status and the files of the command alone', () => {
    writeFileSync(
      join(scratch, 'failed.log'),
      '2026-03-02 10:00:00,001 INFO Start hb_mapper....\n2026-03-02 10:00:00,002 ERROR no\n',
    );
    expect(inShell('| true', 'model', 'log', 'failed.log', '--html', 'page.html').status).toBe(1);
    expect(existsSync(join(scratch, 'page.html'))).toBe(true);
  });

  it.each([
    ['JSON', log],
    ['a table', ['model', 'calib', '--images', scenes, '--count', '1', '--size', '32x32', '-o', 'full_f32']],
  ])('to a full disk ends with 1 and one line: %s', (_, args) => {
    const { status, stderr } = inShell('> /dev/full', ...args);
    expect(stderr).toMatch(/^rdk-yolo-seg: cannot write the output: [^\n]*ENOSPC[^\n]*\nstatus 1\n$/);
    expect(status).toBe(1);
  });
});

describe('texts as other systems write them', () => {
  const escapeByte = String.fromCharCode(27);
  const names = [0, 1, 2].flatMap((level) =>
    ['cv2', 'cv3', 'cv4'].map((layer) => `/m/${layer}.${level}/C_HzDequantize`),
  );
  names.push('419_HzDequantize');
  const text = `2026-04-20 13:56:27,780 ${escapeByte}[92mINFO${escapeByte}[0m Nodes that can be deleted: ['${names.join("', '")}']\n`;

  it.each<[string, Buffer]>([
    ['UTF-8', Buffer.from(text)],
    ['UTF-8 with its mark', Buffer.from(`\ufeff${text}`)],
    ['CRLF', Buffer.from(text.replaceAll('\n', '\r\n'))],
    ['UTF-16 with its mark', Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['UTF-16 without', Buffer.from(text, 'utf16le')],
    ['UTF-16 of the other order', Buffer.from(`\ufeff${text}`, 'utf16le').swap16()],
    ['UTF-16 of the other order without', Buffer.from(text, 'utf16le').swap16()],
  ])('%s', (_, bytes) => {
    writeFileSync(join(scratch, 'console.txt'), bytes);
    const { status, stdout } = run('model', 'dequant', 'console.txt', '--bin', 'x.bin', '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout).plan.removeCommand.match(/-r \S+/g)).toEqual(names.map((name) => `-r ${name}`));
  });
});

it('every file that cannot be read is named, and why, once', () => {
  const { status, stderr } = run('model', 'dequant', 'nix1', 'nix2');
  expect(status).toBe(2);
  expect(stderr).toBe('rdk-yolo-seg: file_unreadable: nix1 does not exist; nix2 does not exist\n');
  for (const args of [
    ['model', 'info', 'nix.onnx'],
    ['camera', '--source', 'nix'],
    ['model', 'calib', '--images', 'nix', '-o', 'set_f32'],
    ['bench', '--model', shapesModel, '--images', 'nix'],
  ]) {
    expect(run(...args).stderr).toMatch(/^rdk-yolo-seg: \w+: (?:model )?nix(?:\.onnx)? does not exist\n$/);
  }
});

it('files in which nothing can be read are named in one line', () => {
  writeFileSync(join(scratch, 'empty.txt'), '');
  writeFileSync(join(scratch, 'broken.json'), '{"a": [1,\n');
  const folder = run('model', 'log', scratch);
  expect(folder.stderr).toMatch(/cannot be read: it is a folder, expected a file\n$/);
  const results = [
    folder,
    run('model', 'dequant', 'empty.txt'),
    run('model', 'info', 'empty.txt'),
    run('record', '--ground-truth', 'broken.json', '--camera-log', 'x'),
    run('record', '--ground-truth', 'empty.txt', '--camera-log', 'x'),
    run('tensors', '--model', shapesModel, '--images', scenes, '-o', 'x.replay', '--scales', 'broken.json'),
  ];
  for (const { status, stdout, stderr } of results) {
    expect(stderr).toMatch(/^rdk-yolo-seg: [^\n]*\n$/);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  }
});
