import { describe, expect, it } from 'vitest';
import { explainCopies, explainLoss, LossWatch, type SeenForm } from '#dist/ros2/delivery.js';

describe('LossWatch', () => {
  it('tells of the last five seconds, and no more once they are good', () => {
    const watch = new LossWatch();
    expect(watch.look(0, 100, 50)).toBeNull();
    expect(watch.look(500, 107, 58)).toEqual({ lost: 8, sent: 15 });
    expect(watch.look(4500, 167, 58)).toEqual({ lost: 8, sent: 75 });
    expect(watch.look(5000, 175, 58)).toBeNull();
    expect(watch.look(5500, 182, 58)).toBeNull();
  });

  it('takes the look before a pause of the process as the beginning', () => {
    const watch = new LossWatch();
    watch.look(0, 10, 0);
    expect(watch.look(60_000, 11, 90)).toEqual({ lost: 90, sent: 91 });
  });

  it.each([
    ['a single frame now and then', 40, 2],
    ['a small share', 400, 30],
    ['none', 100, 0],
  ])('does not tell of %s', (_, taken, lost) => {
    const watch = new LossWatch();
    watch.look(0, 0, 0);
    expect(watch.look(500, taken, lost)).toBeNull();
  });
});

describe('what is said of copies and losses', () => {
  it('names the end that keeps frames from being loaned', () => {
    const explain = (sharedMemoryOffBy: string[], canLoan: boolean, sizelessType: string | null = null) =>
      explainCopies({ sharedMemoryOffBy, canLoan, sizelessType, room: null });
    const off = 'ROS_DISABLE_LOANED_MESSAGES';
    expect(explain([off], true)).toBe(
      'this process runs without shared memory: unset ROS_DISABLE_LOANED_MESSAGES to have it',
    );
    expect(explain([], false)).toMatch(/^the middleware cannot loan/);
    expect(explain([], true)).toMatch(/^the camera does not share/);
    expect(explain([], false, 'sensor_msgs/msg/Image')).toBe(
      'sensor_msgs/msg/Image has no fixed size and cannot be loaned; an HbmMsg can',
    );
  });

  it('names the room in shared memory where it is too little for a camera', () => {
    const explain = (freeBytes: number) =>
      explainCopies({
        sharedMemoryOffBy: [],
        canLoan: true,
        sizelessType: null,
        room: { totalBytes: 64_000_000, freeBytes },
      });
    // Five messages of 6.2 MB, and two send buffers of 8 MiB.
    const short =
      /^the camera does not share its memory: \/dev\/shm has 47\.0 MB of 64\.0 MB free; a camera of HbmMsg1080P and the node need 47\.9 MB: .*clean-shm.*; else start the camera/;
    expect(explain(47_000_000)).toMatch(short);
    expect(explain(48_000_000)).toMatch(/^the camera does not share its memory: start the camera/);
  });

  it('carries the numbers and the cause', () => {
    const loss = { lost: 8, sent: 15 };
    const explain = (form: SeenForm, reliability: 'reliable' | 'best_effort' = 'reliable') =>
      explainLoss({ topic: '/hbmem_img', form, reliability }, loss, () => 'because');
    expect(explain('loaned')).toMatch(
      /^8 of the last 15 frames of \/hbmem_img never arrived; frames are loaned/,
    );
    expect(explain('copied')).toMatch(/frames are copied .*: because$/);
    expect(explain('copied', 'best_effort')).toMatch(
      /: because; of a camera that offers .*qos_overrides\.\/hbmem_img\.subscription\.reliability:=reliable has lost ones sent again$/,
    );
    expect(explain('unknown')).toMatch(/nothing tells whether they are loaned or copied$/);
  });
});
