import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { McapIndexedReader } from '@mcap/core';
import { expect, it, onTestFinished } from 'vitest';
import { McapFile } from '#dist/outputs/mcapFile.js';

const schema = { name: 'a/msg/A', encoding: 'ros2msg', data: new TextEncoder().encode('uint8 a') };

it('a file of MCAP has as many topics as 16 bits tell apart, and refuses one more', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mcap-topics-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'a.mcap');
  const file = await McapFile.create(path);
  const topics = Array.from({ length: 65_536 }, (_, number) => file.addTopic(`/t${number}`, schema));
  expect(() => file.addTopic('/t65536', schema)).toThrow(
    expect.objectContaining({
      name: 'ConfigError',
      code: 'mcap_topics',
      message: `${path} would have 65537 topics; a file of MCAP has at most 65536`,
    }),
  );
  const sent = [0, 1, 32_768, 65_535];
  for (const number of sent) topics[number]!.add(Uint8Array.of(number & 255, number >> 8), BigInt(number));
  await file.close();
  // Another reader, which keeps one channel for each number.
  const bytes = readFileSync(path);
  const reader = await McapIndexedReader.Initialize({
    readable: {
      size: async () => BigInt(bytes.length),
      read: async (offset, length) => bytes.subarray(Number(offset), Number(offset + length)),
    },
  });
  const read = [];
  for await (const { channelId, data } of reader.readMessages())
    read.push([reader.channelsById.get(channelId)!.topic, data[0]! + 256 * data[1]!]);
  expect(read).toEqual(sent.map((number) => [`/t${number}`, number]));
});
