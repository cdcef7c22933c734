#!/usr/bin/env node
// Usage: npm run prove:fleet -- [BAGS [SHARDS]]     1000 small bags over 8 workers that are killed, and a store that fails
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  GetObjectCommand,
  paginateListObjectsV2,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { writeBag } from './fleet/bags.mjs';
import { startFaultProxy } from './fleet/faultProxy.mjs';
import { startS3Server } from './fleet/s3Server.mjs';
import { runFleet, runWorker } from './fleet/workers.mjs';

const [bags = 1000, shards = 8] = process.argv.slice(2).map(Number);
const Bucket = 'fleet';
const killShare = 0.02;
const scratch = mkdtempSync(join(tmpdir(), 'prove-fleet-'));
const server = await startS3Server();
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const client = new S3Client({
  endpoint: server.endpoint,
  region: 'us-east-1',
  forcePathStyle: true,
  credentials,
});
const env = {
  ...process.env,
  AWS_ENDPOINT_URL: server.endpoint,
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
};

/** @param {string} what @param {number} startMs */
const say = (what, startMs) =>
  console.log(`${what} (${((performance.now() - startMs) / 1000).toFixed(1)} s)`);

/** @param {string} prefix @returns {Promise<Map<string, string>>} hashes of what is below a prefix, by key */
async function hashes(prefix) {
  const found = new Map();
  for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket, Prefix: prefix })) {
    for (const { Key = '' } of Contents) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
      const bytes = (await Body?.transformToByteArray()) ?? '';
      found.set(Key.slice(prefix.length), createHash('sha256').update(bytes).digest('hex'));
    }
  }
  return found;
}

/** @param {import('./fleet/workers.mjs').Line[]} lines */
function describeReads(lines) {
  const sum = (/** @type {'bytes_read' | 'bytes_asked' | 'requests'} */ field) =>
    lines.reduce((all, line) => all + line[field], 0);
  return `${sum('bytes_read')} bytes read of ${sum('bytes_asked')} asked for, ${sum('requests')} requests`;
}

try {
  let startMs = performance.now();
  await client.send(new CreateBucketCommand({ Bucket }));
  const path = join(scratch, 'bag.mcap');
  for (let bag = 0; bag < bags; bag++) {
    await writeBag(path, { frames: 1, first: bag });
    const Key = `in/${bag % 10}/${bag}.mcap`;
    await client.send(new PutObjectCommand({ Bucket, Key, Body: readFileSync(path) }));
  }
  say(`${bags} bags in the store`, startMs);

  startMs = performance.now();
  const whole = await runWorker(['s3://fleet/in', '-o', 's3://fleet/whole'], env);
  if (whole.code !== 0) throw new Error(`the run in one go ended with ${whole.code}: ${whole.stderr}`);
  say(`in one go: ${whole.lines.length} lines, ${describeReads(whole.lines)}`, startMs);

  startMs = performance.now();
  const proxy = await startFaultProxy(server.port, () => {
    const chance = Math.random();
    if (chance < 0.04) return 'slow';
    if (chance < 0.06) return 'forget';
    return chance < 0.08 ? 'cut' : 'pass';
  });
  const fleet = await runFleet({
    args: ['s3://fleet/in', '-o', 's3://fleet/sharded'],
    shards,
    env: { ...env, AWS_ENDPOINT_URL: proxy.endpoint },
    isKilled: () => Math.random() < killShare,
  });
  proxy.stop();
  const { pass, slow, forget, cut } = proxy.counts;
  const { starts, kills, temporary } = fleet;
  say(
    `${shards} workers: ${starts} starts, ${kills} killed, ${temporary} ended with 75; of the store's answers ${slow} were 503, ${forget} lost, ${cut} cut off, ${pass} whole`,
    startMs,
  );

  startMs = performance.now();
  const [expected, found] = [await hashes('whole/'), await hashes('sharded/')];
  const wrong = [...expected].filter(([key, hash]) => found.get(key) !== hash).length;
  const isProved = expected.size === bags && found.size === bags && wrong === 0;
  say(`${found.size} results of ${bags}, ${wrong} of them other than in one go`, startMs);
  process.exitCode = isProved ? 0 : 1;
} finally {
  client.destroy();
  server.stop();
  rmSync(scratch, { recursive: true });
}
