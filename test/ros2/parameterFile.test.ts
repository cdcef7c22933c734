import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'parameter-file-'));
const file = join(folder, 'parameters.yaml');
afterAll(() => rmSync(folder, { recursive: true }));

/** One parameter for each way of naming nodes that a file may use. */
writeFileSync(
  file,
  `
/**: {ros__parameters: {score_threshold: 0.1, iou_threshold: 0.1}}
/robot/*: {ros__parameters: {iou_threshold: 0.2}}
/**/yolo_seg: {ros__parameters: {max_detections: 30}}
yolo_seg: {ros__parameters: {overlay: {jpeg_quality: 40}}}
/robot/yolo_seg: {ros__parameters: {overlay: {scale: 0.5}}}
/yolo_seg: {ros__parameters: {overlay: {scale: 0.9}}}
/other: {ros__parameters: {frame_id: other}}
`,
);

function overrides(...args: string[]): Record<string, unknown> {
  const code = `
    const { createLifecycleNode, initRcl, shutdownRcl } = await import('#dist/ros2/rcl.js');
    await initRcl(process.argv.slice(1));
    const node = createLifecycleNode('yolo_seg');
    console.log(JSON.stringify(node.parameterOverrides()));
    node.destroy();
    shutdownRcl();`;
  const command = ['--input-type=module', '-e', code, '--', '--ros-args', '--params-file', file, ...args];
  return JSON.parse(execFileSync(process.execPath, command, { encoding: 'utf8' }));
}

describe('a parameter file reaches the node', () => {
  it('by its full name, its bare name and wildcards, the exact ones last', () => {
    expect(overrides('-r', '__ns:=/robot')).toEqual({
      score_threshold: 0.1,
      iou_threshold: 0.2,
      max_detections: 30,
      'overlay.jpeg_quality': 40,
      'overlay.scale': 0.5,
    });
  });

  it('but not by the name of another node or namespace', () => {
    expect(overrides()).toMatchObject({ iou_threshold: 0.1, 'overlay.scale': 0.9 });
    expect(overrides()).not.toHaveProperty('frame_id');
  });

  it('and loses against the command line', () => {
    expect(overrides('-p', 'score_threshold:=0.7')).toMatchObject({ score_threshold: 0.7 });
  });
});
