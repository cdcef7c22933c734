import { beforeAll, describe, expect, it } from 'vitest';
import { Drops } from './support/drops.js';
import { type DiagnosticsSeen, picture, type1080 } from './support/robot.js';
import { useGraph } from './support/graph.js';

const graph = useGraph();
const { robot, yoloSeg } = graph;
const drops = new Drops(graph);

beforeAll(() => drops.start());

const { widthPx, heightPx } = picture;
const needed = (widthPx * heightPx * 3) / 2;

describe('a broken frame sent by rclpy is dropped with its reason, and the next good one is segmented', () => {
  it.each([
    ['an unknown encoding', 'encoding', { encoding: 'yuyv' }, 'encoding is "yuyv"; expected "nv12"'],
    ['an odd width', 'size', { width: 639 }, 'size is 639 x 360; expected even positive pixels'],
    [
      'data_size beyond the buffer',
      'data_size',
      { data_size: 921_601 },
      `data_size is 921601; expected ${needed} (640 x 360, step 640) to 921600`,
    ],
    [
      'a step below the width',
      'step',
      { step: 638 },
      'step is 638 bytes; expected 0 or at least the width 640',
    ],
    [
      'NV12 that says it is JPEG',
      'picture',
      { encoding: 'jpeg' },
      `not a JPEG: its ${needed} bytes begin with `,
    ],
  ] as const)('%s', async (_, code, fields, text) => {
    await drops.expectDropped(code, text, () => robot.send({ fields }));
  });

  it('a flood of them is told in few lines that say how many, and each is counted', async () => {
    const before = await robot.diagnostics();
    const since = graph.node.log.length;
    let flood = 0;
    // What was told just before holds the first line back, for two seconds.
    for (; flood < 100 || !graph.node.log.slice(since).includes('frame dropped: encoding'); flood++)
      await robot.send({ fields: { encoding: 'rgb8' } });
    const more = (seen: DiagnosticsSeen, key: string) => seen.count(key) - before.count(key);
    const after = await robot.diagnostics(
      (seen) => more(seen, 'frames_in') + more(seen, 'input.lost') === flood,
    );
    drops.expectBalance(after);
    const refused = after.dropped('encoding') - before.dropped('encoding');
    const replaced = after.dropped('superseded') - before.dropped('superseded');
    expect(refused + replaced).toBe(more(after, 'frames_in'));
    expect(refused).toBeGreaterThan(0);
    const lines = graph.node.log.slice(since).match(/frame dropped: encoding/g) ?? [];
    expect(lines.length).toBeLessThanOrEqual(4);
    expect(await yoloSeg.segment()).toHaveLength(drops.goodCount);
  });

  it('when nothing else comes, it is told that frames are refused and why', async () => {
    const since = graph.node.log.length;
    const told =
      /no frames: \d+ frames? on \/hbmem_img (?:was|were) refused; the last because size is 641 x 360/;
    while (!told.test(graph.node.log.slice(since))) {
      await robot.send({ fields: { width: 641 } });
      await robot.diagnostics();
    }
    const silent = await robot.diagnostics((seen) => seen.level === 1);
    expect(silent.message).toMatch(/^\d+ frames? on \/hbmem_img (?:was|were) refused/);
    await yoloSeg.segment();
    await graph.node.logged('frames arrive on /hbmem_img', { since });
    // The share of frames that were refused is judged over seconds, in which others must come.
    let seen: DiagnosticsSeen;
    do {
      await yoloSeg.segment();
      seen = await robot.diagnostics();
    } while (seen.level !== 0);
    expect(seen.message).toBe('active');
  });
});

describe('an unusual but sound frame is segmented like any other', () => {
  it.each([
    ['step 0, which means packed rows', { step: 0 }],
    ['an encoding in capitals', { encoding: 'NV12' }],
    ['rubbish behind the terminator of the encoding', { encoding: 'nv12\0\u00ff\u0001x' }],
    ['data_size of the whole buffer', { data_size: 921_600 }],
    ['the greatest index', { index: 2 ** 31 - 1 }],
    ['the least index', { index: -(2 ** 31) }],
    ['the greatest index before a camera that begins again', { index: 0 }],
  ])('%s', async (_, fields) => {
    expect(await yoloSeg.segment({ fields })).toHaveLength(drops.goodCount);
    drops.expectBalance(await robot.diagnostics((seen) => seen.count('frames_in_work') === 0));
  });

  it.each([
    ['0', { sec: 0, nanosec: 0 }, { sec: 0, nanosec: 0 }],
    ['before 1970', { sec: -7, nanosec: 5 }, { sec: -7, nanosec: 5 }],
    ['as early as can be', { sec: -(2 ** 31), nanosec: 0 }, { sec: -(2 ** 31), nanosec: 0 }],
    [
      'with more than a second of nanoseconds',
      { sec: 7, nanosec: 4_200_000_001 },
      { sec: 11, nanosec: 200_000_001 },
    ],
    [
      'as late as can be',
      { sec: 2 ** 31 - 1, nanosec: 999_999_999 },
      { sec: 2 ** 31 - 1, nanosec: 999_999_999 },
    ],
    [
      'later than can be',
      { sec: 2 ** 31 - 1, nanosec: 2 ** 32 - 1 },
      { sec: 2 ** 31 - 1, nanosec: 999_999_999 },
    ],
  ])('of a stamp %s', async (_, stamp, expected) => {
    for (let attempt = 0; ; attempt++) {
      await robot.send({ stamp });
      try {
        expect((await yoloSeg.detectionsOf(expected, 2000)).detections).toHaveLength(drops.goodCount);
        break;
      } catch (error) {
        if (attempt === 10) throw error;
      }
    }
    drops.expectBalance(await robot.diagnostics((seen) => seen.count('frames_in_work') === 0));
  });

  it('of rows further apart than step says, which is told once', async () => {
    await robot.do('pad', { name: 'padded', picture: 'balls', stride: 656 });
    const since = graph.node.log.length;
    const fields = { step: 640 };
    for (let i = 0; i < 3; i++) {
      expect(await yoloSeg.segment({ picture: 'padded', fields })).toHaveLength(drops.goodCount);
    }
    const told = `frames of 640 x 360 say step 640 but data_size ${(656 * 360 * 3) / 2}: read as rows of 656 bytes`;
    await graph.node.logged(told, { since });
    expect(graph.node.log.slice(since).split(told)).toHaveLength(2);
  });

  it('of a 1080P message', async () => {
    await robot.closeCamera();
    await robot.startCamera({ type: type1080 });
    expect(await yoloSeg.segment()).toHaveLength(drops.goodCount);
    expect(graph.node.log).toContain('subscribed to /hbmem_img [hbm_img_msgs/msg/HbmMsg1080P]');
  });
});
