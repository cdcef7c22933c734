import { describe, expect, it } from 'vitest';
import { parameterKeys } from '#dist/ros2/parameterKeys.js';

describe('the keys of a parameter file that mean a node', () => {
  it('are its names and every wildcard form, from the general to the exact', () => {
    const keys = parameterKeys('/robot/yolo_seg');
    expect(keys[0]).toBe('/**');
    for (const key of ['/**/yolo_seg', '/robot/*', '/*/yolo_seg', '/*/*', '/**/robot/*', 'yolo_seg']) {
      expect(keys).toContain(key);
    }
    expect(keys.at(-1)).toBe('/robot/yolo_seg');
    expect(keys.indexOf('/*/*')).toBeLessThan(keys.indexOf('/robot/*'));
  });

  it('do not mean another node', () => {
    const keys = parameterKeys('/yolo_seg');
    for (const other of ['/robot/yolo_seg', '/camera', 'camera', '/*/*', '/*/yolo_seg']) {
      expect(keys).not.toContain(other);
    }
  });
});
