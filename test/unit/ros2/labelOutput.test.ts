import { expect, it } from 'vitest';
import { ParameterStore } from '#dist/config/store.js';
import type { ModelInfo } from '#dist/core/ports.js';
import { CdrWriter } from '#dist/messages/cdrWriter.js';
import type { OpenTopic } from '#dist/outputs/output.js';
import { LabelOutput } from '#dist/outputs/labelOutput.js';
import { RosClock } from '#dist/ros2/rcl/rosClock.js';

it('announces names again that the middleware refused, and those it took only once', () => {
  let refuses = true;
  let announced = 0;
  const open = ((_type: string, topic: string) => ({
    isAvailable: true,
    isWanted: false,
    counters: { topic, handedOver: 0, refused: 0 },
    publish: () => {
      if (topic === '~/label_info') announced++;
      return !refuses;
    },
  })) as unknown as OpenTopic;
  const values = { 'output.label_map': 'class', score_threshold: 0.25 };
  const clock = new RosClock({ hear: () => () => {} });
  const means = { values: () => values as never, frameId: () => 'camera', writer: new CdrWriter() };
  const output = new LabelOutput(open, means, clock);
  const model = { classNames: ['person'] } as unknown as ModelInfo;
  output.announce(model);
  refuses = false;
  output.announce(model);
  output.announce(model);
  expect(announced).toBe(2);
  expect(output.counters.map(({ topic }) => topic)).toEqual(['~/label_map', '~/label_info']);
});

it('announces the least score of what may be in the map, which following objects lowers', () => {
  const thresholds: number[] = [];
  const open = ((_type: string, topic: string) => ({
    isAvailable: true,
    isWanted: false,
    counters: { topic, handedOver: 0, refused: 0 },
    publish: (cdr: Uint8Array) => {
      // The last field of vision_msgs/LabelInfo.
      thresholds.push(new DataView(cdr.buffer, cdr.byteOffset + cdr.length - 4).getFloat32(0, true));
      return true;
    },
  })) as unknown as OpenTopic;
  let isFollowing = false;
  const values = () =>
    new ParameterStore({ 'tracking.enabled': isFollowing, 'tracking.low_score': 0.125, score_threshold: 0.5 })
      .values;
  const clock = new RosClock({ hear: () => () => {} });
  const output = new LabelOutput(open, { values, frameId: () => 'camera', writer: new CdrWriter() }, clock);
  const model = { classNames: ['person'] } as unknown as ModelInfo;
  output.announce(model);
  isFollowing = true;
  output.announce(model);
  expect(thresholds).toEqual([0.5, 0.125]);
});
