// Damaged recordings beside another reader: what rosbags reads of one, ours reads the same, or refuses it; never other messages.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect } from 'vitest';
import { ensureBagTools } from '../../scripts/bagTools.mjs';
import { ConfigError } from '#dist/core/errors.js';
import type { ByteSource } from '#dist/offline/byteSource.js';
import { McapRecording } from '#dist/offline/recordings/mcapRecording.js';
import type { RecordingFile } from '#dist/offline/recordings/recordingFile.js';
import { SqliteRecording } from '#dist/offline/recordings/sqliteRecording.js';
import { bagTool, type WrittenMessage } from '../contract/recordedMessages.js';
import { repoPath } from '../support/frames.js';
import { mutatedBytes } from './support/mutated.js';
import { fuzz, readOrRefused } from './support/target.js';

type Found = readonly [topic: string, type: string, logTime: string, sha256: string];

const folder = mkdtempSync(join(tmpdir(), 'fuzz-oracle-'));
const judge = spawn(await ensureBagTools(), [repoPath('test/oracle/bags.py'), 'judge'], {
  stdio: ['pipe', 'pipe', 'inherit'],
  env: { ...process.env, PYTHONPATH: '' },
});
const verdicts = createInterface({ input: judge.stdout })[Symbol.asyncIterator]();
afterAll(() => {
  judge.stdin.end();
  rmSync(folder, { recursive: true });
});

/** What rosbags reads; null where it refuses. */
async function theirs(path: string): Promise<Found[] | null> {
  judge.stdin.write(`${path}\n`);
  const { value, done } = await verdicts.next();
  if (done === true) throw new Error('rosbags has ended');
  return JSON.parse(value) as Found[] | null;
}

/** What ours reads, and whether a part was refused; null where all of it was. */
async function ours(
  open: (source: ByteSource) => Promise<RecordingFile>,
  bytes: Uint8Array,
): Promise<{ found: Found[]; isWhole: boolean; remark: string | null } | null> {
  const source: ByteSource = {
    path: 'recording',
    size: async () => BigInt(bytes.length),
    read: async (offset, length) => bytes.slice(Number(offset), Number(offset + length)),
    close: async () => {},
  };
  const file = await readOrRefused(() => open(source));
  if (file === null) return null;
  const found: Found[] = [];
  let isWhole = true;
  for await (const message of file.messages(() => true)) {
    if (message instanceof ConfigError) isWhole = false;
    else {
      const { topic, cdr, logTimeNs } = message;
      found.push([topic.name, topic.type, String(logTimeNs), createHash('sha256').update(cdr).digest('hex')]);
    }
  }
  await file.close();
  return { found, isWhole, remark: file.remark };
}

const sorted = (found: readonly Found[]) => found.map((one) => JSON.stringify(one)).sort();

async function compare(
  path: string,
  open: (source: ByteSource) => Promise<RecordingFile>,
  bytes: Buffer,
  isTimed = false,
): Promise<void> {
  const [read, expected] = [await ours(open, bytes), await theirs(path)];
  // rosbags looks at no checksum: an index that ours does not trust and says so leads it anywhere.
  if (read === null || expected === null || read.remark !== null) return;
  // A channel may have lost its schema to another record: then ours has no type for it, and takes it for no picture.
  const isUntyped = new Set(read.found.filter(([, type]) => type === '').map(([topic]) => topic));
  // Without checksums the index and the message may tell two times: rosbags has the one, ours the other.
  const typed = ([topic, type, logTime, sha256]: Found): Found => {
    return [topic, isUntyped.has(topic) ? '' : type, isTimed ? logTime : '', sha256];
  };
  const known = sorted(expected.map(typed));
  const found = sorted(read.found.map(typed));
  // rosbags may refuse a part at which ours goes on.
  expect(found.filter((one) => !known.includes(one))).toEqual([]);
  if (read.isWhole) expect(found).toEqual(known);
}

const messages: WrittenMessage[] = Array.from({ length: 6 }, (_, index) => ({
  ...{ topic: index % 2 === 0 ? '/image' : '/other', type: 'std_msgs/msg/Header' },
  ...{ logTime: String(1000 * (index + 1)), stamp: String(index), frameId: `frame ${index}` },
  raw: Buffer.from([0, 1, 0, 0, index, 0, 0, 0, 9, 0, 0, 0, 2, 0, 0, 0, 97, 0]).toString('base64'),
}));

describe('damaged recordings beside rosbags', () => {
  const files = [['none'], ['zstd'], ['none', 'unchunked'], ['none', 'nocrc', 'chunk=80']].map(
    (form, index) => {
      const path = join(folder, `sound${index}.mcap`);
      bagTool(['mcap', path, ...form], messages);
      return readFileSync(path);
    },
  );
  const mcap = join(folder, 'mutant.mcap');
  fuzz('MCAP beside rosbags', 300, mutatedBytes(files), async (bytes) => {
    writeFileSync(mcap, bytes);
    await compare(mcap, (source) => McapRecording.open(source), bytes);
  });

  const bag = join(folder, 'bag');
  bagTool(['bag', bag, 'sqlite3', 'none'], messages);
  const name = readdirSync(bag).find((one) => one.endsWith('.db3'))!;
  const db3 = readFileSync(join(bag, name));
  fuzz('db3 beside rosbags', 15, mutatedBytes([db3]), async (bytes) => {
    writeFileSync(join(bag, name), bytes);
    await compare(bag, (source) => SqliteRecording.open(source), bytes, true);
  });
});
