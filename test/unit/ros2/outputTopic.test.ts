import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TransportError } from '#dist/core/errors.js';
import { RosOutputTopic } from '#dist/ros2/outputs/outputTopic.js';
import type { RosNode } from '#dist/ros2/rcl/rosNode.js';

let prefix: string;

beforeEach(() => {
  prefix = mkdtempSync(join(tmpdir(), 'rdk-prefix-'));
  const index = join(prefix, 'share', 'ament_index', 'resource_index', 'rosidl_interfaces');
  mkdirSync(index, { recursive: true });
  writeFileSync(join(index, 'vision_msgs'), 'msg/Detection2DArray.msg');
  vi.stubEnv('AMENT_PREFIX_PATH', prefix);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(prefix, { recursive: true });
});

describe('an output topic whose messages the middleware refuses', () => {
  it('counts and tells them, throws nothing, and goes on', () => {
    let refuses = false;
    const log: string[] = [];
    const publishRaw = () => {
      if (refuses) {
        throw new TransportError('publish', 'cannot publish on /n/detections', {}, new Error('timeout'));
      }
    };
    const node = {
      createPublisher: () => ({ publishRaw }),
      log: (level: string, text: string) => log.push(`${level}: ${text}`),
    } as unknown as RosNode;
    const topic = new RosOutputTopic(
      node,
      'vision_msgs/msg/Detection2DArray',
      '~/detections',
      '~/detections',
    );
    topic.publish(new Uint8Array(8));
    refuses = true;
    for (let i = 0; i < 3; i++) topic.publish(new Uint8Array(1234));
    refuses = false;
    topic.publish(new Uint8Array(8));
    expect(topic.counters).toEqual({ topic: '~/detections', handedOver: 2, refused: 3 });
    expect(log).toEqual([
      'error: message of 1234 bytes lost: publish: cannot publish on /n/detections (caused by timeout)',
    ]);
  });
});
