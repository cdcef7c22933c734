// Loaded into the node by NODE_OPTIONS: at SIGUSR2 it collects garbage and appends a line of JSON with V8's own figures
// to the file of RDK_SOAK_PROBE. The workers load it, too, and leave the signal to the main thread.
import { appendFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isMainThread } from 'node:worker_threads';

const file = process.env.RDK_SOAK_PROBE;
if (isMainThread && file !== undefined) {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  process.on('SIGUSR2', () => {
    collect();
    appendFileSync(file, `${JSON.stringify(process.memoryUsage())}\n`);
  });
}
