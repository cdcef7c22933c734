// The emulated program of test/bench/instructions.mjs: node frames.mjs SCENES. Post-processes each scene and writes its messages,
// with a mark before and after each stage (count.c).
import { openSync, readFileSync, writeSync } from 'node:fs';
import { deserialize } from 'node:v8';
import { CdrWriter } from '#dist/messages/cdrWriter.js';
import { writeDetections } from '#dist/messages/detections.js';
import { writeMasks } from '#dist/messages/masks.js';
import { Postprocessor } from '#dist/postprocess/postprocess.js';

/**
 * @typedef {import('../postprocess/sceneFiles.mjs').Scene} Scene
 * @typedef {{ scenes: Scene[], warmUpRuns: number, runs: number }} Work
 */

/** @type {Work} */
const { scenes, warmUpRuns, runs } = deserialize(readFileSync(process.argv[2] ?? ''));
const nowhere = openSync('/dev/null', 'w');
const mark = Buffer.alloc(100_000);
let isCounted = false;

/** What the plugin sees. */
function tell() {
  if (isCounted) writeSync(nowhere, mark);
  return 0;
}

// The stages are timed inside, by three calls: before, between and behind them.
performance.now = tell;
const postprocessors = scenes.map(({ heads }) => new Postprocessor(heads));
const writer = new CdrWriter();
const classTexts = {
  classNames: Array.from({ length: 80 }, (_, id) => `class ${id}`),
  classIdText: /** @type {const} */ ('name'),
};
for (let run = -warmUpRuns; run < runs; run++) {
  scenes.forEach(({ tensors, geometry, options }, index) => {
    isCounted = run >= 0;
    const { instances } = postprocessors[index].run(tensors, geometry, options);
    const header = { stampNs: 1n, frameId: 'camera', sequence: run, widthPx: 1920, heightPx: 1080 };
    tell();
    writeDetections(writer, { header, instances, tracks: null }, classTexts);
    tell();
    writeMasks(
      writer,
      { header, instances, tracks: null },
      { ...classTexts, encoding: 'rle', contours: false },
    );
    tell();
  });
}
