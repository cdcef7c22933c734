import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NodeProcess } from './support/nodeProcess.js';
import { type DiagnosticsSeen, type FrameFields, picture, Robot, type1080 } from './support/robot.js';
import { YoloSeg } from './support/yoloSeg.js';

let node: NodeProcess;
let robot: Robot;
let yoloSeg: YoloSeg;
let goodCount: number;
/** The counters after the broken frame before. */
let counted: DiagnosticsSeen;

beforeAll(async () => {
  node = new NodeProcess();
  robot = await Robot.start();
  yoloSeg = new YoloSeg(robot);
  await robot.startCamera();
  await yoloSeg.listenToDetections();
  goodCount = (await yoloSeg.segment()).length;
  expect(goodCount).toBeGreaterThanOrEqual(4);
  counted = await robot.diagnostics();
});

afterAll(async () => {
  await node?.stop();
  await robot?.end();
});

/** Lines of one code are written at most every two seconds. */
const logIntervalMs = 2100;
const toldMs = new Map<string, number>();

/** Sends one broken frame over ROS and proves that it is told, counted once and followed by a good one. */
async function expectDropped(code: string, fields: FrameFields, text: string): Promise<void> {
  const waitMs = (toldMs.get(code) ?? 0) + logIntervalMs - performance.now();
  if (waitMs > 0) await delay(waitMs);
  const since = node.log.length;
  const stamp = await robot.send({ fields });
  await node.logged(`frame dropped: ${code}: ${text}`, { since });
  toldMs.set(code, performance.now());
  const count = counted.dropped(code) + 1;
  const after = await robot.diagnostics((seen) => seen.dropped(code) === count);
  expect(after.count('dropped')).toBe(counted.count('dropped') + 1);
  counted = after;
  expect(await yoloSeg.segment()).toHaveLength(goodCount);
  await expect(yoloSeg.detectionsOf(stamp, 1)).rejects.toThrow();
}

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
      'an unterminated encoding',
      'encoding',
      { encoding: 'nv12nv12nv12' },
      'encoding "nv12nv12nv12" has no terminator in its 12 bytes',
    ],
    ['an odd height', 'size', { height: 359 }, 'size is 640 x 359; expected even positive pixels'],
    [
      'data_size one byte short',
      'data_size',
      { data_size: needed - 1 },
      `data_size is ${needed - 1}; expected ${needed}`,
    ],
    ['no encoding', 'encoding', { encoding: '' }, 'encoding is ""; expected "nv12"'],
    ['width 0', 'size', { width: 0 }, 'size is 0 x 360; expected even positive pixels'],
    ['data_size 0', 'data_size', { data_size: 0 }, `data_size is 0; expected ${needed}`],
    ['height 0', 'size', { height: 0 }, 'size is 640 x 0; expected even positive pixels'],
    [
      'data_size 2^32 - 1',
      'data_size',
      { data_size: 4_294_967_295 },
      `data_size is 4294967295; expected ${needed}`,
    ],
    [
      'a size that needs more than the message holds',
      'size',
      { width: 1920, height: 1080, step: 1920, data_size: 921_600 },
      '1920 x 1080 with step 1920 needs 3110400 bytes; the message holds 921600',
    ],
    [
      'a size whose bytes overflow 32 bits',
      'size',
      { width: 4_294_967_294, height: 4_294_967_294, step: 4_294_967_294 },
      '4294967294 x 4294967294 with step 4294967294 needs ',
    ],
    [
      'a step that makes the rows longer than the message',
      'size',
      { step: 4_294_967_295 },
      '640 x 360 with step 4294967295 needs 2319282339300 bytes; the message holds 921600',
    ],
  ] as const)('%s', async (_, code, fields, text) => {
    await expectDropped(code, fields, text);
  });

  it('a flood of them is told in few lines that say how many, and each is counted', async () => {
    const before = await robot.diagnostics();
    const since = node.log.length;
    const flood = 100;
    for (let i = 0; i < flood; i++) {
      await robot.send({ fields: { encoding: 'rgb8' } });
      // Above the rate at which a newer frame replaces one that waits.
      await delay(5);
    }
    const after = await robot.diagnostics((seen) => seen.count('frames_in') === before.count('frames_in'));
    const dropped = after.dropped('encoding') - before.dropped('encoding');
    const replaced = after.count('input.superseded_native') - before.count('input.superseded_native');
    expect(dropped + replaced).toBe(flood);
    expect(dropped).toBeGreaterThan(flood / 2);
    const lines = node.log.slice(since).match(/frame dropped: encoding/g) ?? [];
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.length).toBeLessThanOrEqual(4);
    expect(await yoloSeg.segment()).toHaveLength(goodCount);
  });

  it('when nothing else comes, the watchdog says that frames are refused and why', async () => {
    const since = node.log.length;
    for (let i = 0; i < 12; i++) {
      await robot.send({ fields: { width: 641 } });
      await delay(250);
    }
    await node.logged(
      /no frames: \d+ frames on \/hbmem_img were refused; the last because size is 641 x 360/,
      { since },
    );
    const silent = await robot.diagnostics((seen) => seen.level === 1);
    expect(silent.message).toMatch(/^\d+ frames on \/hbmem_img were refused/);
    await yoloSeg.segment();
    await node.logged('frames arrive on /hbmem_img', { since });
    await robot.diagnostics((seen) => seen.level === 0 && seen.message === 'active');
  });
});

describe('an unusual but sound frame is segmented like any other', () => {
  it.each([
    ['step 0, which means packed rows', { step: 0 }],
    ['an encoding in capitals', { encoding: 'NV12' }],
    ['rubbish behind the terminator of the encoding', { encoding: 'nv12\0\u00ff\u0001x' }],
    ['data_size of the whole buffer', { data_size: 921_600 }],
  ])('%s', async (_, fields) => {
    expect(await yoloSeg.segment({ fields })).toHaveLength(goodCount);
  });

  it('of a 1080P message', async () => {
    await robot.closeCamera();
    await robot.startCamera({ type: type1080 });
    expect(await yoloSeg.segment()).toHaveLength(goodCount);
    expect(node.log).toContain('subscribed to /hbmem_img [hbm_img_msgs/msg/HbmMsg1080P]');
  });
});
