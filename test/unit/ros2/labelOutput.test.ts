import { expect, it } from 'vitest';
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
