import { createServer, request } from 'node:http';

const slowDown =
  '<?xml version="1.0" encoding="UTF-8"?><Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>';

/**
 * Stands before a store and spoils answers: refuses requests with 503 SlowDown, forgets the answer to what was done, and cuts
 * bodies off in the middle.
 *
 * @param {number} port of the store
 * @param {(request: { method: string, url: string }) => 'pass' | 'slow' | 'forget' | 'cut'} fateOf
 * @returns {Promise<{ endpoint: string, counts: Record<'pass' | 'slow' | 'forget' | 'cut', number>, stop: () => void }>}
 */
export async function startFaultProxy(port, fateOf) {
  const counts = { pass: 0, slow: 0, forget: 0, cut: 0 };
  const server = createServer((incoming, answer) => {
    const { method = 'GET', url = '/' } = incoming;
    const fate = fateOf({ method, url });
    counts[fate]++;
    if (fate === 'slow') {
      incoming.resume();
      answer.writeHead(503, { 'content-type': 'application/xml', connection: 'close' }).end(slowDown);
      return;
    }
    const outgoing = request({ port, host: '127.0.0.1', method, path: url, headers: incoming.headers });
    outgoing.on('response', (response) => {
      const chunks = /** @type {Buffer[]} */ ([]);
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => {
        if (fate === 'forget') return answer.destroy();
        const body = Buffer.concat(chunks);
        answer.writeHead(response.statusCode ?? 500, response.headers);
        if (fate === 'pass' || body.length < 2) return answer.end(body);
        return answer.write(body.subarray(0, body.length / 2), () => answer.destroy());
      });
    });
    outgoing.on('error', () => answer.destroy());
    // A worker that was killed.
    incoming.on('error', () => outgoing.destroy());
    answer.on('error', () => {});
    incoming.pipe(outgoing);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = server.address();
  const own = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    endpoint: `http://127.0.0.1:${own}`,
    counts,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
