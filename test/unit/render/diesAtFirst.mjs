// A worker for overlays that throws outside of any handler at the renderer's first job and answers the others.
import { parentPort } from 'node:worker_threads';

parentPort.on('message', ({ id, rgba }) => {
  if (id === 0) {
    setImmediate(() => {
      throw new Error('out of memory, say');
    });
    return;
  }
  parentPort.postMessage({ id, rgba, rgb: null, jpeg: null }, [rgba]);
});
