import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { ensurePythonTool } from '../pythonTool.mjs';

// Pinned: it is what the store's requests are held against. It checks If-Match and If-None-Match.
const requirements = ['moto[server]==5.2.5'];
const mostTries = 600;
const tryMs = 100;

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/**
 * The Python with moto's server, which has botocore too.
 * @returns {Promise<string>} its path
 * @internal
 */
export async function s3ServerPython() {
  return join(dirname(await ensurePythonTool('moto_server', ...requirements)), 'python');
}

/**
 * Starts a server that speaks as S3 does, with nothing in it.
 * @returns {Promise<{ endpoint: string, port: number, stop: () => void }>}
 */
export async function startS3Server() {
  const program = await ensurePythonTool('moto_server', ...requirements);
  const port = await freePort();
  const server = spawn(program, ['-H', '127.0.0.1', '-p', String(port)], {
    stdio: 'ignore',
    env: { ...process.env, PYTHONPATH: '' },
  });
  const stop = () => server.kill('SIGKILL');
  process.once('exit', stop);
  const endpoint = `http://127.0.0.1:${port}`;
  for (let tries = 0; ; tries++) {
    const answer = await fetch(`${endpoint}/moto-api/data.json`).catch(() => null);
    if (answer?.ok) return { endpoint, port, stop };
    if (tries === mostTries || server.exitCode !== null) {
      stop();
      throw new Error(`moto's server does not answer at ${endpoint}`);
    }
    await new Promise((resolve) => setTimeout(resolve, tryMs));
  }
}
