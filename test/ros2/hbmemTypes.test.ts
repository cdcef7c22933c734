import { describe, expect, it } from 'vitest';
import { hbmemTypes, splitTypeName, TypeSearch } from '#dist/ros2/hbmem/types.js';

const type = <Size extends '480P' | '540P' | '1080P'>(size: Size) =>
  `hbm_img_msgs/msg/HbmMsg${size}` as const;
const never = Number.NEGATIVE_INFINITY;

describe('type of an hbmem topic', () => {
  it.each([
    ['none where nobody publishes', [], null],
    ['none where only other types are sent', ['sensor_msgs/msg/Image'], null],
    ['the one that is sent', ['sensor_msgs/msg/Image', type('540P')], type('540P')],
    ['the largest of several', [type('480P'), type('1080P')], type('1080P')],
  ] as const)('is %s', (_, seen, expected) => {
    expect(new TypeSearch(hbmemTypes, 2000).look(seen, 0, never)).toBe(expected);
  });

  it('is followed, and kept while the camera is away or another one comes', () => {
    const search = new TypeSearch(hbmemTypes, 2000);
    expect(search.look([], 0, never)).toBeNull();
    expect(search.look([type('480P')], 500, never)).toBe(type('480P'));
    expect(search.look([type('480P'), type('1080P')], 1000, 900)).toBe(type('480P'));
    expect(search.look([], 9000, 900)).toBe(type('480P'));
    expect(search.look([type('1080P')], 9500, 900)).toBe(type('1080P'));
  });

  it('gives way to what else is there after two seconds of silence, in turn, until a message comes', () => {
    const search = new TypeSearch(hbmemTypes, 2000);
    const both = [type('480P'), type('1080P')];
    expect(search.look([type('1080P')], 0, never)).toBe(type('1080P'));
    expect(search.look(both, 5000, 4000)).toBe(type('1080P'));
    expect(search.hasTriedAll(both)).toBe(false);
    expect(search.look(both, 6000, 4000)).toBe(type('480P'));
    expect([search.wasTried(type('1080P')), search.wasTried(type('480P'))]).toEqual([true, false]);
    expect(search.look(both, 7900, 4000)).toBe(type('480P'));
    expect(search.hasTriedAll(both)).toBe(false);
    // Nothing from either: both have been tried, and each goes on getting its two seconds.
    expect(search.look(both, 8000, 4000)).toBe(type('1080P'));
    expect(search.hasTriedAll(both)).toBe(true);
    expect(search.look(both, 8500, 4000)).toBe(type('1080P'));
    expect(search.look(both, 10_000, 4000)).toBe(type('480P'));
    expect(search.look(both, 10_500, 10_200)).toBe(type('480P'));
    expect(search.hasTriedAll(both)).toBe(false);
    expect(search.look(both, 12_100, 10_200)).toBe(type('480P'));
  });

  it('stays where nothing else is there, however long it is silent', () => {
    const search = new TypeSearch(hbmemTypes, 2000);
    search.look([type('480P')], 0, never);
    expect(search.look([type('480P')], 60_000, never)).toBe(type('480P'));
    expect(search.hasTriedAll([type('480P')])).toBe(true);
  });

  it('splits into package and name, and nothing else does', () => {
    expect(splitTypeName(type('480P'))).toEqual({ packageName: 'hbm_img_msgs', typeName: 'HbmMsg480P' });
    for (const wrong of ['HbmMsg480P', 'a/srv/B', 'a/msg/B/c', '']) {
      expect(() => splitTypeName(wrong)).toThrowError(/expected package\/msg\/Type/);
    }
  });
});
