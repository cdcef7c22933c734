// Recordings from anywhere: MCAP and rosbag2's SQLite, damaged in any way. Each message comes whole or as a fault in its place.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect } from 'vitest';
import { McapWriter } from '@mcap/core';
import zstd from '@foxglove/wasm-zstd';
import { ConfigError } from '#dist/core/errors.js';
import type { ByteSource } from '#dist/offline/byteSource.js';
import { McapRecording } from '#dist/offline/recordings/mcapRecording.js';
import type { RecordingFile } from '#dist/offline/recordings/recordingFile.js';
import { SqliteRecording } from '#dist/offline/recordings/sqliteRecording.js';
import { mutatedBytes } from './support/mutated.js';
import { expectRefusal, fuzz, readOrRefused } from './support/target.js';

function sourceOf(bytes: Uint8Array): ByteSource {
  return {
    path: 'recording',
    size: async () => BigInt(bytes.length),
    read: async (offset, length) => bytes.slice(Number(offset), Number(offset + length)),
    close: async () => {},
  };
}

async function readAll(
  open: (source: ByteSource) => Promise<RecordingFile>,
  bytes: Uint8Array,
): Promise<void> {
  const file = await readOrRefused(() => open(sourceOf(bytes)));
  if (file === null) return;
  try {
    let count = 0;
    for await (const message of file.messages(() => true)) {
      if (message instanceof ConfigError) expectRefusal(message);
      else expect(message.cdr).toBeInstanceOf(Uint8Array);
      // A damaged chunk may hold as many empty messages as it has bytes for.
      if (++count > 20_000) break;
    }
  } finally {
    await file.close();
  }
}

class Memory {
  bytes = Buffer.alloc(0);
  position = () => BigInt(this.bytes.length);
  async write(more: Uint8Array): Promise<void> {
    this.bytes = Buffer.concat([this.bytes, more]);
  }
}

async function mcap(isCompressed: boolean): Promise<Buffer> {
  await zstd.isLoaded;
  const memory = new Memory();
  const writer = new McapWriter({
    writable: memory,
    chunkSize: 300,
    ...(isCompressed
      ? {
          compressChunk: (data: Uint8Array) => ({ compression: 'zstd', compressedData: zstd.compress(data) }),
        }
      : {}),
  });
  await writer.start({ profile: 'ros2', library: 'test' });
  const schemaId = await writer.registerSchema({
    name: 'sensor_msgs/msg/Image',
    encoding: 'ros2msg',
    data: Buffer.from('uint8 x\n'),
  });
  const channelId = await writer.registerChannel({
    schemaId,
    topic: '/image',
    messageEncoding: 'cdr',
    metadata: new Map(),
  });
  for (let index = 0; index < 5; index++) {
    const time = BigInt(index) * 1000n;
    await writer.addMessage({
      channelId,
      sequence: index,
      logTime: time,
      publishTime: time,
      data: Buffer.alloc(90, index),
    });
  }
  await writer.end();
  return memory.bytes;
}

/** What rosbag2 writes, as far as it is read; made by another program. */
const folder = mkdtempSync(join(tmpdir(), 'fuzz-recordings-'));
afterAll(() => rmSync(folder, { recursive: true }));
execFileSync('python3', [
  '-c',
  `
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.executescript('''
PRAGMA page_size=512; VACUUM;
CREATE TABLE schema(schema_version INTEGER PRIMARY KEY, ros_distro TEXT NOT NULL);
CREATE TABLE metadata(id INTEGER PRIMARY KEY, metadata_version INTEGER NOT NULL, metadata TEXT NOT NULL);
CREATE TABLE topics(id INTEGER PRIMARY KEY, name TEXT NOT NULL, type TEXT NOT NULL, serialization_format TEXT NOT NULL, offered_qos_profiles TEXT NOT NULL, type_description_hash TEXT NOT NULL);
CREATE TABLE message_definitions(id INTEGER PRIMARY KEY, topic_type TEXT NOT NULL, encoding TEXT NOT NULL, encoded_message_definition TEXT NOT NULL, type_description_hash TEXT NOT NULL);
CREATE TABLE messages(id INTEGER PRIMARY KEY, topic_id INTEGER NOT NULL, timestamp INTEGER NOT NULL, data BLOB NOT NULL);
CREATE INDEX timestamp_idx ON messages (timestamp ASC);
INSERT INTO schema VALUES (4, 'jazzy');
INSERT INTO topics VALUES (1, '/image', 'sensor_msgs/msg/Image', 'cdr', '', '');
INSERT INTO message_definitions VALUES (1, 'sensor_msgs/msg/Image', 'ros2msg', 'uint8 x', '');
''')
for i in range(6):
    db.execute('INSERT INTO messages VALUES (?, 1, ?, ?)', (i + 1, i * 1000, bytes([i]) * 700))
db.commit()
`,
  join(folder, 'made.db3'),
]);
const db3 = readFileSync(join(folder, 'made.db3'));

const plain = await mcap(false);
const compressed = await mcap(true);

describe('recordings', () => {
  fuzz('MCAP', 1000, mutatedBytes([plain, compressed]), (bytes) =>
    readAll((source) => McapRecording.open(source), bytes),
  );
  fuzz('db3', 50, mutatedBytes([db3]), (bytes) => readAll((source) => SqliteRecording.open(source), bytes));
});
