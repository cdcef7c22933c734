import { describe, expect, it } from 'vitest';
import { ConfigError } from '#dist/core/errors.js';
import type { QosPolicies } from '#dist/native/hbmem.js';
import { applyQosOverrides } from '#dist/ros2/rcl/qosOverrides.js';

const qos: QosPolicies = {
  depth: 10,
  reliability: 'reliable',
  durability: 'volatile',
  history: 'keep_last',
};
const name = (policy: string, kind = 'publisher', topic = '/robot/masks') =>
  `qos_overrides.${topic}.${kind}.${policy}`;

describe('applyQosOverrides', () => {
  it('changes the policies that are given for this topic and kind of endpoint, and no other', () => {
    const overrides = {
      [name('depth')]: 3,
      [name('reliability')]: 'best_effort',
      [name('history')]: 'keep_all',
      [name('durability', 'subscription')]: 'transient_local',
      [name('durability', 'publisher', '/robot/masks2')]: 'transient_local',
      score_threshold: 0.5,
    };
    expect(applyQosOverrides(qos, '/robot/masks', 'publisher', overrides)).toEqual({
      depth: 3,
      reliability: 'best_effort',
      durability: 'volatile',
      history: 'keep_all',
    });
    expect(applyQosOverrides(qos, '/robot/masks', 'subscription', overrides)).toEqual({
      ...qos,
      durability: 'transient_local',
    });
  });

  it.each([
    ['depth', 0, 'is 0; expected an integer from 1 to 1000'],
    ['depth', 1001, 'is 1001; expected an integer from 1 to 1000'],
    ['depth', 2.5, 'is 2.5; expected an integer from 1 to 1000'],
    ['depth', '10', 'is "10"; expected an integer from 1 to 1000'],
    ['depth', Number.NaN, 'is NaN; expected an integer from 1 to 1000'],
    ['depth', 9_223_372_036_854_775_807n, 'is 9223372036854775807; expected an integer from 1 to 1000'],
    ['reliability', 'maybe', 'is "maybe"; expected one of best_effort, reliable, system_default'],
    ['history', true, 'is true; expected one of keep_last, keep_all, system_default'],
    ['lifespan', 1, 'cannot be overridden; expected one of depth, reliability, durability, history'],
    ['toString', 'x', 'cannot be overridden; expected one of depth, reliability, durability, history'],
  ])('refuses %s %s', (policy, value, reason) => {
    const apply = () => applyQosOverrides(qos, '/robot/masks', 'publisher', { [name(policy)]: value });
    expect(apply).toThrow(ConfigError);
    expect(apply).toThrow(`${name(policy)} ${reason}`);
  });
});
