// Scenes as files that the C++ and the numpy contestant read: one text file of words and a float32 file per tensor.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {import('../../oracle/oracle.ts').OracleCase & { readonly name: string }} Scene
 * One frame's tensors with all that its post-processing needs.
 * @typedef {import('#dist/model/headLayout.js').GridHead} GridHead
 */

/** @param {GridHead} head */
function isPacked({ channels, cellElems, rowElems, widthCells, channelElems }) {
  return channelElems === 1 && cellElems === channels && rowElems === widthCells * channels;
}

/**
 * Writes FOLDER/scenes.txt and the tensors; heads must be raw, float32, packed and with channels innermost.
 *
 * @param {string} folder
 * @param {readonly Scene[]} scenes
 */
export function writeScenes(folder, scenes) {
  let fileCount = 0;
  /**
   * @param {Scene} scene
   * @param {GridHead} head
   */
  const save = (scene, head) => {
    const { data } = scene.tensors[head.outputIndex];
    if (!(data instanceof Float32Array) || !isPacked(head)) {
      throw new Error(
        `${scene.name}: output ${head.outputIndex} is not packed float32 with channels innermost`,
      );
    }
    const name = `${fileCount++}.f32`;
    writeFileSync(join(folder, name), data);
    return name;
  };
  const lines = scenes.map((scene) => {
    const { name, heads, geometry, options, maxCandidates } = scene;
    if (heads.kind !== 'raw') throw new Error(`${name}: the heads are ${heads.form}, not raw`);
    const { proto } = heads;
    return [
      name.replaceAll(' ', '_'),
      ...[options.scoreThreshold, options.iouThreshold, options.maxDetections, maxCandidates],
      ...[geometry.sourceWidthPx, geometry.sourceHeightPx, geometry.gainX, geometry.gainY],
      ...[geometry.padXPx, geometry.padYPx, heads.classCount, heads.regMax, heads.coefCount],
      ...[proto.downsample, proto.heightCells, proto.widthCells, save(scene, proto), heads.levels.length],
      ...heads.levels.flatMap((level) => [
        ...[level.downsample, level.heightCells, level.widthCells],
        ...[level.cls, level.box, level.coef].map((head) => save(scene, head)),
      ]),
    ].join(' ');
  });
  writeFileSync(join(folder, 'scenes.txt'), `${scenes.length}\n${lines.join('\n')}\n`);
}
