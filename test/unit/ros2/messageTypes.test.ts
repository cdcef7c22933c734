import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasMessageType } from '#dist/ros2/messageTypes.js';

let folder: string;
let prefixes: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rdk-prefixes-'));
  const prefix = (name: string, packages: Record<string, string>) => {
    const index = join(folder, name, 'share', 'ament_index', 'resource_index', 'rosidl_interfaces');
    mkdirSync(index, { recursive: true });
    for (const [file, text] of Object.entries(packages)) writeFileSync(join(index, file), text);
    return join(folder, name);
  };
  const vision =
    'msg/Detection2D.idl\nmsg/Detection2D.msg\nmsg/Detection2DArray.idl\nmsg/Detection2DArray.msg';
  const packages = { ai_msgs: 'msg/Perf.idl\nmsg/Perf.msg', std_srvs: 'srv/Empty.idl\nsrv/Empty.srv' };
  prefixes = [prefix('a', { vision_msgs: vision }), '', '/nowhere', prefix('b', packages)].join(delimiter);
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('a message type', () => {
  it.each([
    ['in the first prefix', 'vision_msgs/msg/Detection2DArray', true],
    ['in the last prefix', 'ai_msgs/msg/Perf', true],
    ['of a package that is missing', 'foxglove_msgs/msg/ImageAnnotations', false],
    ['that an older package lacks', 'vision_msgs/msg/LabelInfo', false],
    ['whose name only begins like another', 'vision_msgs/msg/Detection', false],
    ['that is a service', 'std_srvs/msg/Empty', false],
  ])('%s: %s is found: %s', (_, typeName, isFound) => {
    expect(hasMessageType(typeName, prefixes)).toBe(isFound);
  });

  it('is found nowhere without prefixes', () => {
    expect(hasMessageType('vision_msgs/msg/Detection2DArray', '')).toBe(false);
  });
});
