// A server that answers otherwise than S3 does. What it is asked is not looked at.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { StoreError } from '#dist/core/errors.js';
import { S3Store } from '#dist/offline/store/s3Store.js';

let answer: (response: ServerResponse, request: number) => void = () => {};
let requests = 0;
const server = createServer((_, response) => answer(response, requests++));
const before = { ...process.env };

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_ACCESS_KEY_ID: 'a',
    AWS_SECRET_ACCESS_KEY: 'b',
    AWS_MAX_ATTEMPTS: '1',
  });
});
afterAll(async () => {
  process.env = before;
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const listed = (key: string, size: number) =>
  `<Contents><Key>${key}</Key><ETag>"d41d8"</ETag><Size>${size}</Size></Contents>`;
const page = (content: string, next = '') =>
  `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>${next !== ''}</IsTruncated>${next === '' ? '' : `<NextContinuationToken>${next}</NextContinuationToken>`}${content}</ListBucketResult>`;
const says = (body: string) => (response: ServerResponse) =>
  response.writeHead(200, { 'content-type': 'application/xml' }).end(body);

async function refusalOfList(): Promise<unknown> {
  requests = 0;
  const store = await S3Store.open('bucket');
  return store.list('in/').then(
    (objects) => objects,
    (error: unknown) => error,
  );
}

it.each([
  [
    'a key beside the prefix',
    listed('other/z.jpg', 5),
    's3://bucket/other/z.jpg: .* asked for in/.* lists this',
  ],
  ['a size below 0', listed('in/a.jpg', -5), 's3://bucket/in/a.jpg: .* -5 bytes'],
  ['a size that is no whole number', listed('in/a.jpg', 1.5), 's3://bucket/in/a.jpg: .* 1.5 bytes'],
])('a listing with %s is refused', async (_, content, message) => {
  answer = says(page(listed('in/good.jpg', 3) + content));
  const error = await refusalOfList();
  expect(error).toBeInstanceOf(StoreError);
  expect((error as Error).message).toMatch(new RegExp(message));
});

it('a listing is read to its last page, and one that names a page again is refused', async () => {
  answer = (response, request) =>
    says(page(listed(`in/${request}.jpg`, request), request < 3 ? `page ${request}` : ''))(response);
  expect(await refusalOfList()).toMatchObject(
    [0, 1, 2, 3].map((at) => ({ key: `in/${at}.jpg`, sizeBytes: BigInt(at) })),
  );
  answer = (response, request) => says(page('', `page ${request % 3}`))(response);
  expect(String(await refusalOfList())).toMatch(/without an end: after 4 pages it names one again/);
});

it('a body of more bytes than were asked for is refused before it has come, and is not asked for again', async () => {
  const open = { key: 'in/a.bin', address: 's3://bucket/in/a.bin', sizeBytes: 100n, etag: '"d41d8"' };
  let sentBytes = 0;
  requests = 0;
  answer = (response) => {
    response.writeHead(206);
    const send = () => {
      // 1 GB, unless whoever reads hangs up.
      while (!response.destroyed && sentBytes < 1e9) {
        sentBytes += 65_536;
        if (!response.write(Buffer.alloc(65_536))) return void response.once('drain', send);
      }
      response.end();
    };
    send();
  };
  const store = await S3Store.open('bucket');
  const bytes = await store.open(open);
  await expect(bytes.read(0n, 100n)).rejects.toThrow(
    's3://bucket/in/a.bin: the store sends more than the 100 bytes that it was asked for',
  );
  expect(requests).toBe(1);
  expect(sentBytes).toBeLessThan(100e6);
  await bytes.close();
});

it('a body that is whole is read', async () => {
  answer = (response) => response.writeHead(206).end(Buffer.from('0123456789'));
  const object = { key: 'in/a.bin', address: 's3://bucket/in/a.bin', sizeBytes: 10n, etag: '"d41d8"' };
  const bytes = await (await S3Store.open('bucket')).open(object);
  expect(Buffer.from(await bytes.read(0n, 10n)).toString()).toBe('0123456789');
  await bytes.close();
});

it.each<[name: string, answer: (response: ServerResponse) => void, made: number, words: string]>([
  [
    'a body that breaks off, which is asked for again here',
    (response) => {
      response.writeHead(206, { 'content-length': 10 });
      response.write('01234', () => response.destroy());
    },
    4,
    'in 4 attempts',
  ],
  [
    'a server that is busy, which the SDK asks again as AWS_MAX_ATTEMPTS says',
    (response) => response.writeHead(503).end(),
    1,
    'in 1 attempt ',
  ],
])('of %s the attempts are told that were made', async (_, answers, made, words) => {
  [answer, requests] = [answers, 0];
  const object = { key: 'in/a.bin', address: 's3://bucket/in/a.bin', sizeBytes: 10n, etag: '"d41d8"' };
  const bytes = await (await S3Store.open('bucket')).open(object);
  await expect(bytes.read(0n, 10n)).rejects.toThrow(`s3://bucket/in/a.bin: the store did not do it ${words}`);
  expect(requests).toBe(made);
  await bytes.close();
});
