import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runWorker } from '../../scripts/fleet/workers.mjs';
import { type Bucket, startBucket } from './bucket.js';
import { bagTool, pictureMessages, segment, type WrittenMessage } from './recordedMessages.js';

const scratch = mkdtempSync(join(tmpdir(), 'fleet-inputs-'));
const at = (...path: string[]) => join(scratch, ...path);
const size = ['--width', '640', '--height', '360'];
let bucket: Bucket;
let messages: WrittenMessage[];

/** Puts what is in a folder of this machine below a key. */
async function putFolder(key: string, folder: string): Promise<void> {
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    await bucket.put(`${key}${path.slice(folder.length)}`, path);
  }
}

/** The results of a run by the names of their inputs. */
async function resultsIn(prefix: string): Promise<Map<string, Buffer>> {
  const hash = /\.[0-9a-f]{20}(?=\.)/;
  return new Map(
    [...(await bucket.bytesBelow(prefix))].map(([key, bytes]) => [key.replace(hash, ''), bytes]),
  );
}

/** Lines of JSON but for what names the file. */
function frames(text: Buffer | string): object[] {
  const lines = text.toString().trim().split('\n');
  return lines.map((line) => ({ ...(JSON.parse(line) as object), input: '' }));
}

beforeAll(async () => {
  bucket = await startBucket();
  messages = await pictureMessages(scratch);
  mkdirSync(at('in', 'night'), { recursive: true });
  copyFileSync(at('0.jpg'), at('in', 'a.jpg'));
  copyFileSync(at('1.png'), at('in', 'night', 'b.png'));
  const nv12 = [0, 1, 2].map((number) => readFileSync(at(`${number}.nv12`)));
  writeFileSync(at('in', 'raw.nv12'), Buffer.concat(nv12));
  bagTool(['bag', at('in', 'of-mcap'), 'mcap', 'none'], messages);
  bagTool(['bag', at('in', 'of-sqlite'), 'sqlite3', 'zstd-message'], messages);
  for (const name of ['notes.txt', 'clip.mp4']) writeFileSync(at('in', name), 'no input');
  await putFolder('in', at('in'));
  await bucket.put('alone/raw.nv12', at('in', 'raw.nv12'));
}, 120_000);

afterAll(() => {
  bucket.stop();
  rmSync(scratch, { recursive: true });
});

describe('a bucket of everything', () => {
  it('gives each picture, each file of NV12 and each folder of rosbag2 one result, over shards as from files', async () => {
    const run = (shard: string) =>
      runWorker(['s3://fleet/in', '-o', 's3://fleet/out', ...size, '--shard', shard], bucket.env);
    const runs = [await run('0/2'), await run('1/2')];
    for (const { code, stderr } of runs) {
      expect({ code, stderr }).toMatchObject({ code: 0 });
      expect(stderr).toContain('s3://fleet/in: left out 1 video');
    }
    const lines = runs.flatMap((one) => one.lines);
    expect(new Set(lines.map(({ input }) => input))).toEqual(
      new Set(
        ['a.jpg', 'night/b.png', 'raw.nv12', 'of-mcap', 'of-sqlite'].map((name) => `s3://fleet/in/${name}`),
      ),
    );
    const found = await resultsIn('out/');
    expect([...found.keys()].toSorted()).toEqual(
      ['a.jsonl', 'night/b.jsonl', 'of-mcap.jsonl', 'of-sqlite.jsonl', 'raw.jsonl'].toSorted(),
    );
    const files = ['a.jpg', 'night/b.png', 'raw.nv12', 'of-mcap', 'of-sqlite'];
    expect(segment(at('in'), ...files, ...size, '-o', at('files'), '--forms', 'jsonl')).toMatchObject({
      status: 0,
    });
    const expected = (name: string) => frames(readFileSync(at('files', 'jsonl', name)));
    const framesOf = (...names: string[]) => names.flatMap((name) => frames(found.get(`${name}.jsonl`)!));
    expect(expected('pictures.jsonl')).toHaveLength(5);
    expect(framesOf('a', 'night/b', 'raw')).toEqual(expected('pictures.jsonl'));
    for (const bag of ['of-mcap', 'of-sqlite']) {
      expect(expected(`${bag}.jsonl`)).toHaveLength(9);
      expect(framesOf(bag)).toEqual(expected(`${bag}.jsonl`));
    }
  }, 120_000);

  it('copies a file of SQLite in a few requests', async () => {
    const { lines } = await runWorker(['s3://fleet/in/of-sqlite', '-o', 's3://fleet/sqlite'], bucket.env);
    const [file] = readdirSync(at('in', 'of-sqlite')).filter((name) => name.endsWith('.db3'));
    const bytes = readFileSync(at('in', 'of-sqlite', file!)).length;
    const metadata = readFileSync(at('in', 'of-sqlite', 'metadata.yaml')).length;
    expect(lines).toMatchObject([{ state: 'done', frames: 9, requests: 2, bytes_read: bytes + metadata }]);
  }, 60_000);

  it('takes the folder itself, by its own name, and skips it while no file of it is another', async () => {
    const args = ['s3://fleet/in/of-mcap', '-o', 's3://fleet/again'];
    const first = await runWorker(args, bucket.env);
    expect(first.lines).toMatchObject([{ state: 'done', input: 's3://fleet/in/of-mcap', frames: 9 }]);
    expect(first.lines[0]!.output).toMatch(/^s3:\/\/fleet\/again\/of-mcap\.[0-9a-f]{20}\.jsonl$/);
    expect((await runWorker(args, bucket.env)).lines).toMatchObject([{ state: 'skipped' }]);
    const metadata = at('changed.yaml');
    writeFileSync(metadata, `${readFileSync(at('in', 'of-mcap', 'metadata.yaml'), 'utf8')}\n`);
    await bucket.put('in/of-mcap/metadata.yaml', metadata);
    const { lines } = await runWorker(args, bucket.env);
    expect(lines).toMatchObject([{ state: 'done' }]);
    expect(lines[0]!.output).not.toBe(first.lines[0]!.output);
  }, 60_000);

  it.each([
    ['mcap', 'of-mcap', 'of-mcap.mcap'],
    ['overlay', 'a.jpg', 'a.jpg'],
  ])(
    'writes %s of %s, the bytes of a run on files',
    async (form, input, name) => {
      const out = at('forms', form);
      expect(segment(at('in'), input, '-o', out, '--forms', form)).toMatchObject({ status: 0 });
      const args = [`s3://fleet/in/${input}`, '-o', `s3://fleet/forms/${form}`, '--forms', form];
      expect(await runWorker(args, bucket.env)).toMatchObject({ code: 0 });
      const found = await resultsIn(`forms/${form}/`);
      expect([...found.keys()]).toEqual([name]);
      expect(Buffer.compare(found.get(name)!, readFileSync(join(out, form, name)))).toBe(0);
    },
    60_000,
  );
});

describe('what of a bucket cannot be segmented', () => {
  it('is told input by input, and the others are done', async () => {
    mkdirSync(at('bad'));
    writeFileSync(at('bad', 'text.jpg'), 'no picture');
    writeFileSync(at('bad', 'empty.png'), '');
    writeFileSync(at('bad', 'odd.nv12'), Buffer.alloc(1000));
    copyFileSync(at('2.jpg'), at('bad', 'good.jpg'));
    cpSync(at('in', 'of-mcap'), at('bad', 'lacking'), { recursive: true });
    const [part] = readdirSync(at('bad', 'lacking')).filter((name) => name.endsWith('.mcap'));
    copyFileSync(at('bad', 'lacking', part!), at('bad', 'lacking', 'other.mcap'));
    rmSync(at('bad', 'lacking', part!));
    cpSync(at('in', 'of-mcap'), at('bad', 'mixed'), { recursive: true });
    copyFileSync(at('in', 'of-mcap', part!), at('bad', 'mixed', 'other.mcap'));
    const [db3] = readdirSync(at('in', 'of-sqlite')).filter((name) => name.endsWith('.db3'));
    copyFileSync(at('in', 'of-sqlite', db3!), at('bad', 'open.db3'));
    writeFileSync(at('bad', 'open.db3-wal'), 'x');
    writeFileSync(at('bad', 'whole.mcap.zstd'), 'x');
    await putFolder('bad', at('bad'));
    await bucket.put('bad/a/../../up.jpg', at('2.jpg'));
    const { code, lines } = await runWorker(['s3://fleet/bad', '-o', 's3://fleet/none', ...size], bucket.env);
    expect(code).toBe(2);
    const told = new Map(lines.map(({ input, state, fault }) => [input.slice(15), { state, fault }]));
    const bad = (what: RegExp) => ({ state: 'bad', fault: expect.stringMatching(what) as string });
    expect(Object.fromEntries(told)).toEqual({
      'a/../../up.jpg': bad(/has \.\. in its name/),
      'empty.png': bad(/s3:\/\/fleet\/bad\/empty\.png is empty/),
      'good.jpg': { state: 'done', fault: undefined },
      lacking: bad(/metadata\.yaml names \S+, which is not in s3:\/\/fleet\/bad\/lacking: it has/),
      mixed: bad(/metadata\.yaml names \S+, but other\.mcap is beside it/),
      'odd.nv12': bad(/odd\.nv12 has 1000 bytes; expected a multiple of 345600/),
      'open.db3': bad(/open\.db3 was not closed: \S+open\.db3-wal holds a part of it/),
      'text.jpg': bad(/s3:\/\/fleet\/bad\/text\.jpg cannot be decoded/),
      'whole.mcap.zstd': bad(/is compressed as a whole: decompress it first/),
    });
    expect([...(await resultsIn('none/')).keys()]).toEqual(['good.jsonl']);
  }, 60_000);

  const refusals: [string, string[], RegExp][] = [
    [
      'a form of single frames and recordings',
      ['s3://fleet/in', '--forms', 'overlay'],
      /in\/of-mcap is no picture; expected jsonl or mcap/,
    ],
    [
      'NV12 without a size',
      ['s3://fleet/in/raw.nv12'],
      /raw\.nv12 holds bare NV12.*give --width and --height/,
    ],
    [
      'a folder of nothing else',
      ['s3://fleet/alone'],
      /alone has no pictures.*; s3:\/\/fleet\/alone: left out 1 \.nv12 file: give --width and --height/,
    ],
    [
      'a place for pictures among the pictures',
      [
        's3://fleet/in/a.jpg',
        's3://fleet/in/night',
        '--forms',
        'overlay',
        '--out',
        's3://fleet/in/night/drawn',
      ],
      /lies below s3:\/\/fleet\/in\/night: results of --forms overlay would be inputs/,
    ],
    ['another file', ['s3://fleet/in/notes.txt'], /notes\.txt is no input of a batch: expected pictures/],
  ];
  it.each(refusals)(
    '%s is refused before anything runs',
    async (_, args, message) => {
      const { code, lines, stderr } = await runWorker(['-o', 's3://fleet/refused', ...args], bucket.env);
      expect({ code, lines }).toEqual({ code: 2, lines: [] });
      expect(stderr).toMatch(message);
    },
    60_000,
  );
});
