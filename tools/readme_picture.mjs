#!/usr/bin/env node
// Usage: node tools/readme_picture.mjs RECORDING.mcap OUT.webp [--first N] [--count N] [--width PX]
//
// The moving picture of the README: overlays as the node published them, out of what a demo recorded. That one is one round of
// `--scene depth` with tracking.enabled:=true, overlay.scale:=0.4 and score_threshold:=0.5 beside its parameters: --width 640 --count 32.
import { parseArgs } from 'node:util';
import { McapIndexedReader } from '@mcap/core';
import sharp from 'sharp';
import { writeFileAtomically } from '../dist/files/atomicFile.js';
import { openFileBytes } from '../dist/offline/byteSource.js';
import { readCompressedImage } from '../dist/messages/read.js';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    first: { type: 'string', default: '0' },
    count: { type: 'string', default: '45' },
    width: { type: 'string', default: '560' },
  },
});
const [recording, out] = positionals;
if (recording === undefined || out === undefined) throw new Error('expected RECORDING.mcap OUT.webp');

const file = await openFileBytes(recording);
const reader = await McapIndexedReader.Initialize({ readable: file });
const topics = [...reader.channelsById.values()].map(({ topic }) => topic);
const overlay = topics.filter((topic) => topic.endsWith('/overlay/compressed'));
const jpegs = [];
for await (const { data, logTime } of reader.readMessages({ topics: overlay }))
  jpegs.push({ bytes: Buffer.from(readCompressedImage(data).data), logTime });
await file.close();

const first = Number(values.first);
const chosen = jpegs.slice(first, first + Number(values.count));
if (chosen.length < 2)
  throw new Error(`${recording} has ${jpegs.length} overlays; expected two from ${first} on`);
const small = await Promise.all(
  chosen.map(({ bytes }) =>
    sharp(bytes)
      .resize({ width: Number(values.width) })
      .png()
      .toBuffer(),
  ),
);
const last = chosen.at(-1);
const delayMs = Math.round(
  Number((last?.logTime ?? 0n) - (chosen[0]?.logTime ?? 0n)) / 1e6 / (chosen.length - 1),
);
const webp = await sharp(small, { join: { animated: true } })
  .webp({ quality: 55, effort: 6, delay: chosen.map(() => delayMs), loop: 0 })
  .toBuffer();
await writeFileAtomically(out, webp);
console.log(`${out}: ${chosen.length} overlays, ${delayMs} ms each, ${webp.length} bytes`);
