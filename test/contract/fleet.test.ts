import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { S3Store } from '#dist/offline/store/s3Store.js';
import { topic, writeBag } from '../../scripts/fleet/bags.mjs';
import { startFaultProxy } from '../../scripts/fleet/faultProxy.mjs';
import { model, runFleet, runWorker } from '../../scripts/fleet/workers.mjs';
import { repoPath } from '../support/frames.js';
import { makeRandom } from '../support/random.js';
import { type Bucket, startBucket } from './bucket.js';

const scratch = mkdtempSync(join(tmpdir(), 'fleet-'));
const bags = 24;
let bucket: Bucket;
let client: S3Client;
let env: NodeJS.ProcessEnv;

const put = (key: string, path: string) => bucket.put(key, path);

/** Keys and contents below a prefix. */
async function objects(prefix: string): Promise<Map<string, string>> {
  return new Map([...(await bucket.bytesBelow(prefix))].map(([key, bytes]) => [key, bytes.toString()]));
}

beforeAll(async () => {
  bucket = await startBucket();
  ({ client, env } = bucket);
  for (let bag = 0; bag < bags; bag++) {
    const path = join(scratch, `${bag}.mcap`);
    await writeBag(path, { frames: 2, first: bag });
    await put(`in/day${bag % 3}/${bag}.mcap`, path);
  }
}, 300_000);

afterAll(() => {
  bucket.stop();
  rmSync(scratch, { recursive: true });
});

describe('a fleet of workers', () => {
  it('gives each result once, the bytes of a run in one go, whatever is killed and whatever the store refuses', async () => {
    const whole = await runWorker(['s3://fleet/in', '-o', 's3://fleet/whole'], env);
    expect(whole).toMatchObject({ code: 0 });
    expect(whole.lines).toHaveLength(bags);

    const random = makeRandom(7);
    const proxy = await startFaultProxy(bucket.port, () => {
      const chance = random();
      if (chance < 0.1) return 'slow';
      if (chance < 0.15) return 'forget';
      return chance < 0.2 ? 'cut' : 'pass';
    });
    let kills = 0;
    const fleet = await runFleet({
      args: ['s3://fleet/in', '-o', 's3://fleet/sharded'],
      shards: 3,
      env: { ...env, AWS_ENDPOINT_URL: proxy.endpoint },
      isKilled: () => kills < 5 && random() < 0.4 && ++kills > 0,
    });
    proxy.stop();
    expect(fleet.kills).toBe(5);
    expect(proxy.counts.slow).toBeGreaterThan(0);
    expect(proxy.counts.forget).toBeGreaterThan(0);
    expect(proxy.counts.cut).toBeGreaterThan(0);

    const expected = await objects('whole/');
    expect(expected.size).toBe(bags);
    expect(await objects('sharded/')).toEqual(expected);
  }, 300_000);

  it('skips what is there, and makes anew what another option would give', async () => {
    const args = (out: string, ...more: string[]) => ['s3://fleet/in/day0/0.mcap', '-o', out, ...more];
    const first = await runWorker(args('s3://fleet/again'), env);
    expect(first.lines).toMatchObject([
      { state: 'done', frames: 2, lost: 0, input: 's3://fleet/in/day0/0.mcap' },
    ]);
    const second = await runWorker(args('s3://fleet/again'), env);
    expect(second.lines).toMatchObject([{ state: 'skipped', output: first.lines[0]!.output, bytes_read: 0 }]);
    const other = await runWorker(args('s3://fleet/again', '--score', '0.5'), env);
    expect(other.lines).toMatchObject([{ state: 'done' }]);
    expect(other.lines[0]!.output).not.toBe(first.lines[0]!.output);
  }, 60_000);

  it('follows objects where asked, under a name of its own', async () => {
    const args = ['s3://fleet/in/day1/1.mcap', '-o', 's3://fleet/followed'];
    const [plain, tracked] = [await runWorker(args, env), await runWorker([...args, '--track'], env)];
    const [plainName, name] = [plain.lines[0]!.output, tracked.lines[0]!.output];
    expect(tracked.lines).toMatchObject([{ state: 'done', frames: 2 }]);
    expect(name).not.toBe(plainName);
    const written = await objects('followed/');
    const instancesOf = (address: string) => {
      const [line] = written.get(address.replace('s3://fleet/followed/', ''))!.split('\n');
      return (JSON.parse(line!) as { instances: { score: number; track_id?: number | null }[] }).instances;
    };
    expect(instancesOf(plainName).filter((one) => 'track_id' in one)).toEqual([]);
    // In the first frame what scores at least tracking.new_score begins a track, the best the first one.
    const scores = instancesOf(name).map(({ score }) => score);
    expect(scores.filter((score) => score >= 0.6).length).toBeGreaterThan(0);
    expect(instancesOf(name).map(({ track_id }) => track_id)).toEqual(
      scores.map((score, i) => (score >= 0.6 ? i + 1 : null)),
    );
  }, 60_000);

  it('finds in a bucket what segment finds in the file', async () => {
    const out = join(scratch, 'plain');
    const command = [join(scratch, '5.mcap'), '--model', model, '-o', out, '--forms', 'jsonl'];
    const { status } = spawnSync(repoPath('bin/rdk-yolo-seg'), ['segment', ...command]);
    expect(status).toBe(0);
    const run = await runWorker(['s3://fleet/in/day2/5.mcap', '-o', 's3://fleet/five'], env);
    expect(run.code).toBe(0);
    const [text] = (await objects('five/')).values();
    const frames = (lines: string) =>
      lines
        .trim()
        .split('\n')
        .map((line) => ({ ...(JSON.parse(line) as object), input: '' }));
    expect(frames(text!)).toEqual(frames(readFileSync(join(out, 'jsonl', '5.jsonl'), 'utf8')));
    expect(frames(text!)[0]).toMatchObject({ topic, width: 640, height: 360 });
  }, 60_000);

  it('tells a bad recording from what may pass, and does the others', async () => {
    const cut = join(scratch, 'cut.mcap');
    copyFileSync(join(scratch, '1.mcap'), cut);
    truncateSync(cut, 70_000);
    writeFileSync(join(scratch, 'text.mcap'), 'no recording');
    await put('bad/cut.mcap', cut);
    await put('bad/text.mcap', join(scratch, 'text.mcap'));
    await put('bad/whole.mcap', join(scratch, '1.mcap'));
    await put('bad/notes.txt', join(scratch, 'text.mcap'));
    const { code, lines, stderr } = await runWorker(['s3://fleet/bad/', '-o', 's3://fleet/bad-out'], env);
    expect(code).toBe(2);
    expect(lines).toMatchObject([
      {
        input: 's3://fleet/bad/cut.mcap',
        fault: expect.stringMatching(/s3:\/\/fleet\/bad\/cut\.mcap.*cut off/),
      },
      { input: 's3://fleet/bad/text.mcap', state: 'bad', fault: expect.stringMatching(/is no MCAP file/) },
      { input: 's3://fleet/bad/whole.mcap', state: 'done', frames: 2 },
    ]);
    expect(stderr).toMatch(/failed/);
  }, 60_000);

  it('reads of a recording what the topic costs, not what lies beside it', async () => {
    const path = join(scratch, 'large.mcap');
    await writeBag(path, { frames: 30, others: 20 });
    await put('large/large.mcap', path);
    const { lines } = await runWorker(['s3://fleet/large', '-o', 's3://fleet/large-out'], env);
    const [{ bytes_read: read, bytes_asked: asked }] = lines as [(typeof lines)[number]];
    expect(readFileSync(path).length).toBeGreaterThan(40_000_000);
    // 30 pictures of 40 kB, the message of the other topic that shares their last chunk, and the index.
    expect(read).toBeLessThan(4_000_000);
    expect(read / asked).toBeLessThan(1.5);
  }, 60_000);
});

describe('what a store refuses', () => {
  const input = 's3://fleet/in/day0/0.mcap';
  const refusals: [string, string[], NodeJS.ProcessEnv, number, RegExp][] = [
    [
      'a bucket that is not there',
      ['s3://nowhere/in'],
      {},
      2,
      /s3:\/\/nowhere: there is no such bucket.*AWS_ENDPOINT_URL/,
    ],
    [
      'an empty folder',
      ['s3://fleet/nothing/'],
      {},
      2,
      /s3:\/\/fleet\/nothing\/ has no pictures.*or folders of rosbag2/,
    ],
    ['no address', ['s3://'], {}, 2, /s3:\/\/ is no address of a store: expected s3:\/\/BUCKET\/KEY/],
    [
      'no credentials',
      [input],
      { AWS_ACCESS_KEY_ID: '' },
      2,
      /no credentials were found; give AWS_ACCESS_KEY_ID/,
    ],
    [
      'a server that is not there',
      [input],
      { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' },
      75,
      /ECONNREFUSED.*run again later/,
    ],
    [
      'an index without a count',
      [input],
      { JOB_COMPLETION_INDEX: '3' },
      2,
      /JOB_COMPLETION_INDEX is 3.*--shards COUNT/,
    ],
  ];
  it.each(refusals)(
    '%s',
    async (_, args, more, status, message) => {
      const { code, stderr, lines } = await runWorker([...args, '-o', 's3://fleet/refused'], {
        ...env,
        ...more,
      });
      expect({ code, lines }).toEqual({ code: status, lines: [] });
      expect(stderr).toMatch(message);
    },
    60_000,
  );

  it.each([
    ['AccessDenied', 403, 2, /the store refuses these credentials \(403 AccessDenied\)/],
    ['PermanentRedirect', 301, 2, /in another region.*AWS_REGION/],
  ])(
    '%s',
    async (name, status, expected, message) => {
      const { createServer } = await import('node:http');
      const refusing = createServer((_, answer) => {
        answer.writeHead(status, { 'content-type': 'application/xml' });
        answer.end(`<Error><Code>${name}</Code><Message>no</Message></Error>`);
      });
      await new Promise<void>((resolve) => refusing.listen(0, '127.0.0.1', resolve));
      const { port } = refusing.address() as { port: number };
      const endpoint = { AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` };
      const { code, stderr } = await runWorker(['s3://fleet/in/', '-o', 's3://fleet/x'], {
        ...env,
        ...endpoint,
      });
      refusing.close();
      expect({ code, stderr }).toEqual({ code: expected, stderr: expect.stringMatching(message) });
    },
    60_000,
  );

  it('a store that throttles for good: what failed is told, and 75', async () => {
    // The listing and the look for a result pass.
    const proxy = await startFaultProxy(bucket.port, ({ method, url }) =>
      method === 'GET' && url.includes('.mcap') ? 'slow' : 'pass',
    );
    const throttled = { ...env, AWS_ENDPOINT_URL: proxy.endpoint, AWS_MAX_ATTEMPTS: '4' };
    const { code, lines } = await runWorker([input, '-o', 's3://fleet/throttled'], throttled);
    proxy.stop();
    expect(code).toBe(75);
    expect(proxy.counts.slow).toBe(4);
    expect(lines).toMatchObject([
      { state: 'failed', fault: expect.stringMatching(/in 4 attempts \(503 SlowDown/) },
    ]);
    expect((await objects('throttled/')).size).toBe(0);
  }, 120_000);
});

describe('the store itself', () => {
  beforeEach(() => {
    for (const name of ['AWS_ENDPOINT_URL', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'])
      process.env[name] = env[name];
  });

  it('does not mix an object with the one that took its place', async () => {
    await put('changing.mcap', join(scratch, '1.mcap'));
    const store = await S3Store.open('fleet');
    const bytes = await store.open((await store.find('changing.mcap'))!);
    await bytes.read(0n, 8n);
    await put('changing.mcap', join(scratch, '2.mcap'));
    await expect(bytes.read(100_000n, 8n)).rejects.toThrow(
      's3://fleet/changing.mcap was changed while it was read',
    );
  });

  it('writes once, also in parts', async () => {
    const store = await S3Store.open('fleet');
    mkdirSync(join(scratch, 'parts'));
    const large = join(scratch, 'parts', 'large');
    writeFileSync(large, Buffer.alloc(70 * 1024 * 1024, 'abcdefg'));
    for (const [key, path] of [
      ['once/large', large],
      ['once/small', join(scratch, '1.mcap')],
    ] as const) {
      expect(await store.putIfAbsent(key, path)).toBe(true);
      expect(await store.putIfAbsent(key, join(scratch, '2.mcap'))).toBe(false);
      expect(await store.putIfAbsent(key, large)).toBe(false);
      const { Body } = await client.send(new GetObjectCommand({ Bucket: 'fleet', Key: key }));
      const stored = Buffer.from(await Body!.transformToByteArray());
      expect(Buffer.compare(stored, readFileSync(path))).toBe(0);
    }
  }, 120_000);

  it('lists more than one page, in the order of the keys', async () => {
    const keys = Array.from({ length: 1005 }, (_, n) => `many/${String(n).padStart(4, '0')}`);
    await Promise.all(
      keys.map((key) => client.send(new PutObjectCommand({ Bucket: 'fleet', Key: key, Body: 'x' }))),
    );
    const store = await S3Store.open('fleet');
    expect((await store.list('many/')).map(({ key }) => key)).toEqual(keys);
  }, 120_000);
});
