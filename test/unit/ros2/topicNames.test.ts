import { describe, expect, it } from 'vitest';
import { refuseSharedTopics } from '#dist/ros2/topicNames.js';

/** Names as a node called yolo_seg makes them, after these rules. */
function remapped(rules: Readonly<Record<string, string>>) {
  return {
    resolveTopic(name: string): string {
      const full = name.startsWith('/') ? name : `/${name.replace('~', 'yolo_seg')}`;
      return rules[full] ?? full;
    },
  };
}

describe('topics of the node', () => {
  it('may have any names of their own', () => {
    refuseSharedTopics(remapped({}));
    refuseSharedTopics(remapped({ '/yolo_seg/overlay': '/yolo_seg/masks', '/yolo_seg/masks': '/m' }));
  });

  it.each([
    [
      'an output on the input, which would feed the node with its own pictures',
      { '/hbmem_img': '/image', '/yolo_seg/overlay': '/image' },
      'hbmem_img and ~/overlay are both remapped to /image: give each a topic of its own (-r ~/overlay:=NAME)',
    ],
    [
      'two outputs of one type',
      { '/yolo_seg/confidence_map': '/yolo_seg/label_map' },
      '~/label_map and ~/confidence_map are both remapped to /yolo_seg/label_map',
    ],
    [
      'the input on a compressed picture, whose name follows that of its picture',
      { '/hbmem_img': '/out/compressed', '/yolo_seg/overlay': '/out' },
      'hbmem_img and ~/overlay/compressed are both remapped to /out/compressed',
    ],
  ])('may not share one: %s', (_, rules, why) => {
    expect(() => refuseSharedTopics(remapped(rules as Readonly<Record<string, string>>))).toThrow(why);
  });
});
