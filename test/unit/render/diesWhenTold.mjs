// A worker for overlays that throws outside of any handler at a job whose status line says so, and answers the others.
import { workerData } from 'node:worker_threads';

/** @typedef {import('#dist/render/protocol.js').DrawRequest} DrawRequest */

const { port } = workerData;
port.on('message', (/** @type {{ id: number, run: DrawRequest }} */ { id, run }) => {
  if (run.content.statusLine.includes('die')) {
    setImmediate(() => {
      throw new Error('out of memory, say');
    });
    return;
  }
  port.postMessage({ kind: 'done', id, outcome: { rgb: null, jpeg: null }, returned: [run.rgba] }, [
    run.rgba,
  ]);
});
port.postMessage({ kind: 'ready', ready: null });
