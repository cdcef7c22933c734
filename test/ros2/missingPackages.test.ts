import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NodeProcess } from './support/nodeProcess.js';
import { Robot } from './support/robot.js';
import { YoloSeg } from './support/yoloSeg.js';

let folder: string;
let node: NodeProcess;
let robot: Robot;

/** Makes `copy` look like a folder, but for what lies at `without`. */
function mirror(original: string, copy: string, without: readonly string[]): void {
  mkdirSync(copy, { recursive: true });
  const [hidden, ...rest] = without;
  for (const name of readdirSync(original)) {
    if (name !== hidden) symlinkSync(join(original, name), join(copy, name));
    else if (rest.length > 0) mirror(join(original, name), join(copy, name), rest);
  }
}

/** The prefixes of this ROS environment without a message package. */
function prefixesWithout(packageName: string): string {
  const index = ['share', 'ament_index', 'resource_index', 'rosidl_interfaces', packageName];
  return process.env
    .AMENT_PREFIX_PATH!.split(delimiter)
    .filter((prefix) => existsSync(prefix))
    .map((prefix, i) => {
      if (!existsSync(join(prefix, ...index))) return prefix;
      mirror(prefix, join(folder, String(i)), index);
      return join(folder, String(i));
    })
    .join(delimiter);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rdk-without-'));
  node = new NodeProcess({
    env: { AMENT_PREFIX_PATH: prefixesWithout('ai_msgs') },
    program: [process.execPath, 'dist/cli/main.js'],
  });
  robot = await Robot.start();
  await robot.startCamera();
});

afterAll(async () => {
  await node?.stop();
  await robot?.end();
  rmSync(folder, { recursive: true });
});

describe('a node whose environment lacks ai_msgs', () => {
  it('says which topic is off and goes on without it', async () => {
    await node.logged('/hobot_dnn_detection is off: this ROS environment does not have ai_msgs');
    const yoloSeg = new YoloSeg(robot);
    await yoloSeg.listenToDetections();
    expect((await yoloSeg.segment()).length).toBeGreaterThan(0);
    expect(await robot.do('publisher_nodes', { topic: '/hobot_dnn_detection' })).toEqual([]);
    expect(await robot.do('publisher_nodes', { topic: '/yolo_seg/masks' })).toEqual(['yolo_seg']);
  });
});
