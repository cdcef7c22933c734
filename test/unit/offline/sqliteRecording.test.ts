// Files of rosbag2's SQLite of any length, and some that only look like one; what is in them is what Python's sqlite3 finds.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigError, InterruptedError } from '#dist/core/errors.js';
import { openFileBytes } from '#dist/offline/byteSource.js';
import { inOrder } from '#dist/offline/recordings/inOrder.js';
import { RecordingInput } from '#dist/offline/recordings/recordingInput.js';
import { SqliteRecording } from '#dist/offline/recordings/sqliteRecording.js';

const folder = mkdtempSync(join(tmpdir(), 'sqlite-'));
afterAll(() => rmSync(folder, { recursive: true }));
const script = fileURLToPath(new URL('made_bags.py', import.meta.url));
const baseNs = 1_700_000_000_000_000_000n;

function makeBag(kind: string, name = kind): { path: string; ids: number[] } {
  const path = join(folder, `${name}.db3`);
  const ids = JSON.parse(execFileSync('python3', [script, path, kind], { encoding: 'utf8' })) as number[];
  return { path, ids };
}

const timeOf = (id: number) => baseNs + BigInt(((id ^ 448) >> 7) * 1000);
const isImage = ({ name }: { name: string }) => name === '/image1';

async function open(path: string): Promise<SqliteRecording> {
  const source = await openFileBytes(path);
  try {
    return await SqliteRecording.open(source);
  } catch (error) {
    await source.close();
    throw error;
  }
}

async function read(path: string, isWanted = isImage): Promise<{ times: bigint[]; faults: string[] }> {
  const recording = await open(path);
  const [times, faults]: [bigint[], string[]] = [[], []];
  try {
    for await (const message of recording.messages(isWanted))
      if (message instanceof ConfigError) faults.push(message.message);
      else times.push(message.logTimeNs);
  } finally {
    await recording.close();
  }
  return { times, faults };
}

describe('a file of SQLite', () => {
  it('of 160,000 messages is counted and read in the order of time', async () => {
    const { path, ids } = makeBag('long');
    expect(ids).toHaveLength(53);
    const recording = await open(path);
    expect(recording.topics.map(({ name }) => name)).toEqual(['/image1', '/imu', '/image3']);
    expect(await recording.countMessages(isImage)).toBe(53);
    expect(await recording.countMessages(({ name }) => name === '/imu')).toBe(159_947);
    expect(await recording.countMessages(() => false)).toBe(0);
    await recording.close();
    expect(await read(path)).toEqual({ times: ids.map(timeOf), faults: [] });
  });

  it('is read no further after an abort, however much of it is to be looked through', async () => {
    const { path } = makeBag('unindexed', 'aborted');
    const controller = new AbortController();
    let [reads, isCounting, last] = [0, false, 0];
    const file = {
      path,
      open: async () => {
        const bytes = await openFileBytes(path);
        return {
          path,
          size: () => bytes.size(),
          read: (offset: bigint, length: bigint) => {
            if (isCounting && ++reads === last) controller.abort(new InterruptedError('SIGINT'));
            return bytes.read(offset, length);
          },
          close: () => bytes.close(),
        };
      },
    };
    const input = await RecordingInput.open({ path, parts: [file], topics: null });
    isCounting = true;
    last = Number.POSITIVE_INFINITY;
    for await (const message of input.frames()) if (message.kind === 'message') break;
    // Before the first message there is one read more.
    [last, reads] = [reads - 1, 0];
    expect(last).toBeGreaterThan(1);
    const readAll = async () => {
      for await (const message of input.frames(controller.signal)) expect(message.kind).toBe('message');
    };
    await expect(readAll()).rejects.toThrow('interrupted by SIGINT');
    expect(reads).toBe(last);
  });

  it('without an index of times is read in their order', async () => {
    const { path, ids } = makeBag('unindexed');
    const times = ids.map(timeOf);
    expect(times).not.toEqual([...ids].sort((a, b) => a - b).map(timeOf));
    expect(await read(path)).toEqual({ times, faults: [] });
  });

  it('loses messages whose time is none, and no others', async () => {
    const { path, ids } = makeBag('no times');
    const { times, faults } = await read(path);
    expect(times).toEqual(ids.filter((id) => ![300, 500, 700, 900].includes(id)).map(timeOf));
    const named = (id: number, value: string) =>
      `${path}: message ${id} of /image1 has no time in nanoseconds: ${value}`;
    expect(faults.sort()).toEqual([
      named(300, 'null'),
      named(500, '"noon"'),
      named(700, '1e+300'),
      named(900, '-5'),
    ]);
  });

  it.each([
    ['view', 'messages is a view; expected a table'],
    ['computed', 'messages.data is computed; expected a column of values'],
    ['no key', "messages.id is not the table's key; expected INTEGER PRIMARY KEY"],
  ])('with a %s is refused', async (kind, text) => {
    const { path } = makeBag(kind);
    const refused = { code: 'source', message: `${path} cannot be read as rosbag2 writes it: ${text}` };
    await expect(open(path)).rejects.toMatchObject(refused);
  });

  it('whose pages hold each other ends with a fault', async () => {
    const { path } = makeBag('nested');
    const isWithout = ({ name }: { name: string }) => name === '/image3';
    const recording = await open(path);
    expect(await recording.countMessages(isWithout)).toBeNull();
    await recording.close();
    expect(await read(path, isWithout)).toEqual({
      times: [],
      faults: [expect.stringContaining('it has more rows than a file of its size can have')],
    });
  });

  it('of more topics than can be told apart is refused', async () => {
    const { path } = makeBag('topics');
    const parts = [{ path, open: () => openFileBytes(path) }];
    await expect(RecordingInput.open({ path, parts, topics: null })).rejects.toMatchObject({
      code: 'source',
      message: `${path} has more than 65535 topics, which is what can be told apart in a recording`,
    });
  });
});

describe('values in order', () => {
  const values = [5, 3, 9, 1, 8, 2, 7, 4, 6, 0, 11, 10];
  const collect = async (scan: () => AsyncIterable<number>, kept: number) => {
    const found: number[] = [];
    try {
      for await (const value of inOrder(scan, (a, b) => a - b, kept)) found.push(value);
    } catch (error) {
      return [...found, (error as Error).message];
    }
    return found;
  };
  async function* scan(fault: string | null = null): AsyncGenerator<number> {
    yield* values;
    if (fault !== null) throw new Error(fault);
  }

  it.each([1, 2, 3, 5, 6, 11, 12, 13, 100])('come so with memory for %d', async (kept) => {
    expect(await collect(() => scan(), kept)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    const withFault = await collect(() => scan('cut'), kept);
    expect(withFault).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 'cut']);
  });

  it('without any end at once', async () => {
    expect(
      await collect(async function* () {
        // No values.
      }, 3),
    ).toEqual([]);
  });
});
