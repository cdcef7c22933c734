import { describe, expect, it } from 'vitest';
import type { HbmemQos } from '#dist/ros2/hbmem/surface.js';
import { applyQosOverrides } from '#dist/ros2/qosOverrides.js';

const qos: HbmemQos = {
  depth: 1,
  reliability: 'best_effort',
  durability: 'volatile',
  history: 'keep_last',
};
const prefix = 'qos_overrides./hbmem_img.subscription.';
const apply = (policy: string, value: unknown) =>
  applyQosOverrides(qos, '/hbmem_img', { [`${prefix}${policy}`]: value, 'qos_overrides./other.depth': 9 });

describe('qos_overrides of the input', () => {
  it('change the policy they name', () => {
    expect(apply('depth', 1000)).toEqual({ ...qos, depth: 1000 });
    expect(apply('reliability', 'reliable')).toEqual({ ...qos, reliability: 'reliable' });
  });

  it.each([
    ['depth', Number.NaN, 'NaN'],
    ['depth', Number.NEGATIVE_INFINITY, '-Infinity'],
    ['depth', 0, '0'],
    ['depth', 1001, '1001'],
    ['depth', 9_223_372_036_854_775_807n, '9223372036854775807'],
    ['depth', '5', '"5"'],
    ['reliability', Number.NaN, 'NaN'],
    ['history', -9_223_372_036_854_775_808n, '-9223372036854775808'],
  ])('%s %s is refused and printed as it is', (policy, value, text) => {
    expect(() => apply(policy, value)).toThrowError(`${prefix}${policy} is ${text}; expected `);
  });
});
