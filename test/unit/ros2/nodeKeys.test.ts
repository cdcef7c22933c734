import { expect, it } from 'vitest';
import { meansNode } from '#dist/ros2/nodeKeys.js';

it.each([
  [
    '/robot/yolo_seg',
    ['/**', '/robot/yolo_seg', '/**/yolo_seg', '/robot/*', '/*/yolo_seg', '/*/*', '/**/robot/*'],
  ],
  ['/yolo_seg', ['/**', '/yolo_seg', 'yolo_seg', '/*', '/**/yolo_seg', '*']],
])('keys of %s', (fullName, keys) => {
  for (const key of keys) expect(meansNode(key, fullName), key).toBe(true);
});

it.each([
  ['/yolo_seg', ['/robot/yolo_seg', '/camera', 'camera', '/*/*', '/*/yolo_seg', '']],
  ['/robot/yolo_seg', ['yolo_seg', '/*', '/robot', '/robot/yolo_seg/more', '/**/camera']],
])('keys of other nodes than %s', (fullName, keys) => {
  for (const key of keys) expect(meansNode(key, fullName), key).toBe(false);
});

it('names and keys of many parts are told apart at once', () => {
  const name = '/a'.repeat(100);
  expect(meansNode('/**'.repeat(100), name)).toBe(true);
  expect(meansNode(`${'/**'.repeat(100)}/b`, name)).toBe(false);
});
