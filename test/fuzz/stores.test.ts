// What a store of objects answers: listings, heads and faults of a server that may say anything.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { StoreError } from '#dist/core/errors.js';
import { FfmpegLines } from '#dist/offline/video/ffmpegLines.js';
import { S3Store } from '#dist/offline/store/s3Store.js';
import { parseCameraLog } from '#dist/record/cameraLog.js';
import { mutatedTexts } from './support/mutated.js';
import { expectRefusal, fuzz, readOrRefused } from './support/target.js';

/** Whatever is asked for. */
let answer = { status: 200, body: '' };
let asked = 0;
const server = createServer((_request, response) => {
  asked++;
  response.writeHead(answer.status, { 'content-type': 'application/xml' }).end(answer.body);
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_ACCESS_KEY_ID: 'a',
    AWS_SECRET_ACCESS_KEY: 'b',
    AWS_MAX_ATTEMPTS: '1',
  });
});
afterAll(() => server.close());

const object = (key: string, size: number) =>
  `<Contents><Key>${key}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>"d41d8"</ETag><Size>${size}</Size></Contents>`;
const listing = (rest: string) =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>bucket</Name><Prefix>in/</Prefix><KeyCount>2</KeyCount><MaxKeys>1000</MaxKeys>${rest}</ListBucketResult>`;
const listings = [
  listing(`<IsTruncated>false</IsTruncated>${object('in/a.mcap', 100)}${object('in/b/c.jpg', 7)}`),
  listing(
    `<IsTruncated>true</IsTruncated><NextContinuationToken>more</NextContinuationToken>${object('in/a.mcap', 100)}`,
  ),
  '<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>less</Message></Error>',
];

describe('a store', () => {
  fuzz('listing of S3', 150, mutatedTexts(listings), async (body) => {
    answer = { status: body.includes('<Error>') ? 503 : 200, body };
    asked = 0;
    const store = await S3Store.open('bucket');
    try {
      for (const { key, address, sizeBytes } of await store.list('in/')) {
        expect(address).toBe(`s3://bucket/${key}`);
        expect(sizeBytes).toBeGreaterThanOrEqual(0n);
      }
    } catch (error) {
      if (!(error instanceof StoreError)) expectRefusal(error);
    }
    // A page that names itself as the next one is no list without end.
    expect(asked).toBeLessThan(10);
  });
});

describe('lines of other programs', () => {
  const announced = [
    '[Parsed_showinfo_1 @ 0x55d] [info] config in time_base: 1/90000, frame_rate: 30/1',
    '[Parsed_showinfo_1 @ 0x55d] [info] n:   0 pts:   3000 pts_time:0.0333 duration:3000 fmt:rgb24 cl:left sar:1/1 s:640x360 i:P iskey:1',
    '[mov,mp4 @ 0x55] [error] moov atom not found',
  ].join('\n');
  fuzz('ffmpeg', 2500, mutatedTexts([announced]), (text) => {
    const lines = new FfmpegLines();
    for (const line of text.split('\n')) {
      const picture = lines.read(line);
      if (picture === null) continue;
      expect(Math.min(picture.widthPx, picture.heightPx)).toBeGreaterThanOrEqual(0);
    }
    expect(lines.complaints.length).toBeLessThan(1_000_000);
  });

  const log = [1, 2].map((ns) => JSON.stringify({ stamp_ns: String(ns), picture: 'a.png', loaned: true }));
  fuzz('log of the camera', 2500, mutatedTexts([log.join('\n')]), async (text) => {
    const found = await readOrRefused(() => parseCameraLog(text));
    if (found !== null) expect(found.pictures.size).toBeLessThanOrEqual(found.loaned + found.copied);
  });
});
