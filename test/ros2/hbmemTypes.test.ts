import { afterEach, describe, expect, it, vi } from 'vitest';
import { HbmemTypeWatcher, hbmemTypeOf, splitTypeName } from '#dist/ros2/hbmem/types.js';

const type = <Size extends '480P' | '540P' | '1080P'>(size: Size) =>
  `hbm_img_msgs/msg/HbmMsg${size}` as const;

afterEach(() => {
  vi.useRealTimers();
});

describe('type of an hbmem topic', () => {
  it.each([
    ['none where nobody publishes', [], null, null],
    ['none where only other types are sent', ['sensor_msgs/msg/Image'], null, null],
    ['the one that is sent', ['sensor_msgs/msg/Image', type('540P')], null, type('540P')],
    ['the largest of several', [type('480P'), type('1080P')], null, type('1080P')],
    ['the present one while it is still sent', [type('1080P'), type('480P')], type('480P'), type('480P')],
    ['the new one once the present one has gone', [type('540P')], type('480P'), type('540P')],
  ] as const)('is %s', (_, seen, current, expected) => {
    expect(hbmemTypeOf(seen, current)).toBe(expected);
  });

  it('is followed: told at first sight and at each change, kept while the camera is away', () => {
    vi.useFakeTimers();
    let seen: string[] = [];
    const told: string[] = [];
    const watcher = new HbmemTypeWatcher(
      () => seen,
      (found) => told.push(found),
      500,
    );
    const look = (types: string[]) => {
      seen = types;
      vi.advanceTimersByTime(500);
    };
    look([]);
    look([type('480P')]);
    look([type('480P')]);
    look([]);
    look([type('480P')]);
    expect(told).toEqual([type('480P')]);
    look([type('1080P')]);
    expect(told).toEqual([type('480P'), type('1080P')]);
    expect(watcher.current).toBe(type('1080P'));
    watcher.close();
    look([type('540P')]);
    expect(told).toHaveLength(2);
  });

  it('splits into package and name, and nothing else does', () => {
    expect(splitTypeName(type('480P'))).toEqual({ packageName: 'hbm_img_msgs', typeName: 'HbmMsg480P' });
    for (const wrong of ['HbmMsg480P', 'a/srv/B', 'a/msg/B/c', '']) {
      expect(() => splitTypeName(wrong)).toThrowError(/expected package\/msg\/Type/);
    }
  });
});
