import { spawn } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { repoPath } from '../support/frames.js';

const preamble = `
  const { openOnnxSession } = await import(${JSON.stringify(pathToFileURL(repoPath('dist/backends/onnx/open.js')).href)});
  const { wrapNv12 } = await import(${JSON.stringify(pathToFileURL(repoPath('dist/native/core.js')).href)});
  const session = await openOnnxSession({
    modelPath: ${JSON.stringify(repoPath('assets/models/shapes-seg-320.onnx'))},
    classNames: null, tasksInFlight: 2, threads: 1,
    preprocess: { resizeMode: 'letterbox', yuvRange: 'full', scaleFilter: 'bilinear' },
  });
  const native = wrapNv12(new Uint8Array(64 * 48 * 1.5),
    { widthPx: 64, heightPx: 48, yStrideBytes: 64, uvOffsetBytes: 64 * 48, uvStrideBytes: 64 });
  const header = { stampNs: 0n, frameId: '', sequence: 0, widthPx: 64, heightPx: 48 };
  const options = { scoreThreshold: 0.25, everyClass: false, iouThreshold: 0.7, nms: 'auto', maxDetections: 9, classes: null,
    classAgnosticNms: false, contourTolerancePx: null };
  const run = async () => session.run(await session.prepare({ header, takenMs: 0, native }, null), options);
`;

interface Ending {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

function runScript(script: string): Promise<Ending> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', preamble + script], {
    timeout: 15_000,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode, signal) => resolve({ exitCode, signal, stdout, stderr }));
  });
}

describe('onnx: end of the process', () => {
  it.each([
    ['with a session that nobody closed', 'await run(); console.log("end");'],
    ['after close', 'await run(); await session.close(); console.log("end");'],
    ['while a run is pending: it is waited for', 'run().then(() => console.log("end"));'],
    [
      'by process.exit in the middle of a run',
      'void run(); setTimeout(() => { console.log("end"); process.exit(0); }, 8);',
    ],
    ['while closing', 'run().catch(() => {}); void session.close().then(() => console.log("end"));'],
  ])('%s', async (_name, script) => {
    expect(await runScript(script)).toEqual({ exitCode: 0, signal: null, stdout: 'end\n', stderr: '' });
  });
});
