import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';

/**
 * Answers, as S3 does, what a reader asks of files in a folder: their size and parts of them. moto's server keeps objects in
 * memory when they came in parts, so that one of 20 GB is too large for it.
 * @param {string} folder its files are the keys of every bucket
 * @returns {Promise<{ endpoint: string, stop: () => void }>}
 */
export async function startFileStore(folder) {
  const server = createServer(async (request, answer) => {
    const [, , ...key] = (request.url ?? '').split('?')[0]?.split('/') ?? [];
    const path = join(folder, decodeURIComponent(key.join('/')));
    const found = await stat(path).catch(() => null);
    if (found === null || !['GET', 'HEAD'].includes(request.method ?? '')) {
      answer.writeHead(404).end();
      return;
    }
    const etag = `"${found.size}-${found.mtimeMs}"`;
    if ((request.headers['if-match'] ?? etag) !== etag) {
      answer.writeHead(412).end();
      return;
    }
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    const [start, end] = [Number(first ?? 0), Math.min(Number(last ?? found.size), found.size - 1)];
    const length = request.method === 'HEAD' ? found.size : end - start + 1;
    const headers = { etag, 'content-length': length, 'last-modified': found.mtime.toUTCString() };
    if (request.method === 'HEAD') {
      answer.writeHead(200, headers).end();
      return;
    }
    answer.writeHead(206, { ...headers, 'content-range': `bytes ${start}-${end}/${found.size}` });
    createReadStream(path, { start, end })
      .on('error', () => answer.destroy())
      .pipe(answer);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
