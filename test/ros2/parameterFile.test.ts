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
    const { createLifecycleNode, initRcl, shutdownRcl } = await import('#dist/ros2/rcl/rcl.js');
    await initRcl(process.argv.slice(1));
    const node = createLifecycleNode('yolo_seg');
    console.log(JSON.stringify(node.parameterOverrides));
    node.destroy();
    shutdownRcl();`;
  const command = ['--input-type=module', '-e', code, '--', '--ros-args', '--params-file', file, ...args];
  return JSON.parse(execFileSync(process.execPath, command, { encoding: 'utf8' }));
}

/** What rclpy makes of the same arguments. */
function overridesOfRclpy(...args: string[]): Record<string, unknown> {
  const code = `
import json, sys, rclpy
rclpy.init(args=sys.argv)
node = rclpy.create_node('yolo_seg', automatically_declare_parameters_from_overrides=True)
print(json.dumps({name: parameter.value for name, parameter in node._parameter_overrides.items()}))
`;
  const command = ['-c', code, '--ros-args', '--params-file', file, ...args];
  return JSON.parse(execFileSync('python3', command, { encoding: 'utf8' }));
}

describe('a parameter file reaches the node', () => {
  it('by its full name and wildcards, a later key before an earlier one', () => {
    expect(overrides('-r', '__ns:=/robot')).toEqual({
      score_threshold: 0.1,
      iou_threshold: 0.2,
      max_detections: 30,
      'overlay.scale': 0.5,
    });
  });

  const second = join(folder, 'second.yaml');
  writeFileSync(second, '/robot/yolo_seg: {ros__parameters: {score_threshold: 0.31}}');
  const third = join(folder, 'third.yaml');
  writeFileSync(third, '/**/*: {ros__parameters: {score_threshold: 0.41, max_detections: 41}}');
  it.each([
    [[]],
    [['-r', '__ns:=/robot']],
    [['-r', '__ns:=/robot', '--params-file', second, '-p', 'score_threshold:=0.5']],
    [['-r', '__ns:=/robot', '--params-file', second, '--params-file', third]],
    [['-r', '__ns:=/robot', '--params-file', third, '--params-file', second]],
    [['-p', 'yolo_seg:score_threshold:=0.7', '-p', 'score_threshold:=0.6']],
    [['-r', '__node:=other', '-p', 'score_threshold:=0.6']],
  ])('as it reaches a node of rclpy: %j', (args) => {
    expect(overrides(...args)).toEqual(overridesOfRclpy(...args));
  });

  it('but not by the name of another node or namespace', () => {
    expect(overrides()).toMatchObject({ iou_threshold: 0.1, 'overlay.scale': 0.9 });
    expect(overrides()).not.toHaveProperty('frame_id');
  });

  it('and loses against the command line', () => {
    expect(overrides('-p', 'score_threshold:=0.7')).toMatchObject({ score_threshold: 0.7 });
  });
});
