import { describe, expect, it } from 'vitest';
import type { HbmemSubscription } from '#dist/ros2/hbmem/subscription.js';
import type { RosNode } from '#dist/ros2/rcl/rosNode.js';
import { isIntact, loadRos, Recorder, subscribe, useIntake } from './support/hbmem.js';
import { Peer, until, withoutProfile } from './support/peer.js';

/** More than any test waits for: how many of them arrive is between the middleware and the machine. */
const count = 600;
const enough = 10;
const intake = useIntake('frames_test');

/** Checks every frame in place and counts. */
function checkingRecorder() {
  const recorder = new Recorder();
  const seen = { intact: 0, overwritten: 0, loaned: 0, sizes: new Set<string>(), sequences: [] as number[] };
  recorder.each((lease) => {
    const intact = isIntact(lease);
    // On a busy machine the camera may come round to this frame while it is read; it says so then.
    if (!lease.unchanged()) seen.overwritten++;
    else if (intact) seen.intact++;
    if (lease.loaned) seen.loaned++;
    seen.sizes.add(`${lease.header.widthPx}x${lease.header.heightPx}/${lease.format}`);
    seen.sequences.push(lease.header.sequence);
    lease.close();
  });
  return { recorder, seen };
}

/** Enough frames have come and the intake has ended: counters stand still. */
async function finished(recorder: Recorder, subscription: HbmemSubscription): Promise<void> {
  await until(() => recorder.indices.length >= enough);
  subscription.stopTaking();
}

describe('frames of a camera in another process', () => {
  it.each([
    ['480P', 640, 480],
    ['540P', 960, 540],
    ['1080P', 1920, 1080],
  ] as const)(
    'of HbmMsg%s arrive intact, in shared memory, and all go back',
    async (size, widthPx, heightPx) => {
      const type = `hbm_img_msgs/msg/HbmMsg${size}`;
      const { recorder, seen } = checkingRecorder();
      const subscription = await intake.subscribe(recorder, { type });
      expect(subscription.canLoan).toBe(true);
      intake.startCamera({ type, widthPx, heightPx, count });
      await finished(recorder, subscription);

      const { counters } = subscription;
      expect(seen.intact + seen.overwritten).toBe(recorder.indices.length);
      expect(seen.intact).toBeGreaterThan(0);
      expect(seen.loaned).toBe(recorder.indices.length);
      expect(seen.sizes).toEqual(new Set([`${widthPx}x${heightPx}/nv12`]));
      expect(seen.sequences).toEqual(recorder.indices.map((_, sequence) => sequence));
      expect(counters).toMatchObject({
        returned: counters.taken,
        outstanding: 0,
        heldMessages: 0,
        takeErrors: 0,
        forgotten: 0,
      });
      // The camera still sends when the intake ends: one frame may wait then. It is given back unseen, and nobody is told
      // which older ones it had replaced.
      const waiting = counters.taken - recorder.indices.length - counters.supersededNative;
      expect([0, 1]).toContain(waiting);
      if (waiting === 0) expect(recorder.superseded).toBe(counters.supersededNative);
      else expect(recorder.superseded).toBeLessThanOrEqual(counters.supersededNative);
      expect(counters.taken + counters.lost!).toBeLessThanOrEqual(count);
      expect(recorder.errors).toEqual([]);
    },
  );

  it('carry the stamp, the size and the encoding as rclpy wrote them', async () => {
    const recorder = new Recorder();
    const stamps: bigint[] = [];
    let intact = 0;
    recorder.each((lease) => {
      stamps.push(lease.header.stampNs);
      if (isIntact(lease)) intact++;
      lease.close();
    });
    await intake.subscribe(recorder);
    const camera = intake.adopt(new Peer('python3', ['test/ros2/peers/rclpy_camera.py', '10']));
    await camera.event('sent', 20_000);
    await until(() => recorder.indices.length >= 5);
    expect(stamps).toEqual(
      recorder.indices.map((index) => BigInt(1_700_000_000 + index) * 1_000_000_000n + 123_456_789n),
    );
    expect(intact).toBe(recorder.indices.length);
    expect(recorder.rejected).toEqual([]);
  });

  it('are taken as serialised copies where messages cannot be loaned', async () => {
    const { recorder, seen } = checkingRecorder();
    const subscription = await intake.subscribe(recorder, { forceSerialized: true });
    expect(subscription.canLoan).toBe(false);
    intake.startCamera({ count });
    await finished(recorder, subscription);
    expect(seen.intact).toBe(recorder.indices.length);
    expect(seen.loaned).toBe(0);
    expect(subscription.counters).toMatchObject({ outstanding: 0, takeErrors: 0 });
  });

  it('are marked as copies when the publisher does not share its memory', async () => {
    const { recorder, seen } = checkingRecorder();
    const qos = { reliability: 'reliable' } as const;
    const { defaultHbmemQos } = await loadRos();
    const subscription = await intake.subscribe(recorder, { qos: { ...defaultHbmemQos, ...qos } });
    intake.startCamera({ count, qos }, withoutProfile);
    await finished(recorder, subscription);
    expect(seen.intact).toBe(recorder.indices.length);
    expect(seen.loaned).toBe(0);
    expect(subscription.counters).toMatchObject({ outstanding: 0, heldMessages: 0, takeErrors: 0 });
  });

  it('are told by sequence after a change of subscription', async () => {
    const recorder = new Recorder();
    const sequences: number[] = [];
    recorder.each((lease) => {
      sequences.push(lease.header.sequence);
      lease.close();
    });
    const subscription = await intake.subscribe(recorder, { firstSequence: 100 });
    intake.startCamera({ count });
    await until(() => sequences.length >= 3);
    expect(sequences.slice(0, 3)).toEqual([100, 101, 102]);
    expect(subscription.nextSequence).toBe(100 + sequences.length);
  });
});

describe('a camera that sends nonsense', () => {
  it('has each frame refused with its reason and given back', async () => {
    const recorder = new Recorder();
    const subscription = await intake.subscribe(recorder);
    const broken = [
      {},
      { encoding: 'yuyv' },
      { encoding: Array.from({ length: 12 }, () => 65) },
      { widthPx: 641 },
      { widthPx: 8192, heightPx: 8192 },
      { stepBytes: 100 },
      { dataSizeBytes: 7 },
      { dataSizeBytes: 4_000_000_000 },
    ];
    const camera = intake.startCamera({ broken, count: broken.length * 4, linger: true });
    await camera.event('sent');
    await until(() => new Set(recorder.rejected.map(({ message }) => message)).size === broken.length - 1);
    // The last frame may still be on its way; one that is never given back keeps this from ending.
    await until(() => subscription.counters.outstanding === 0);
    expect(new Set(recorder.rejected.map(({ code }) => code))).toEqual(
      new Set(['encoding', 'size', 'step', 'data_size']),
    );
    expect(recorder.indices.length).toBeGreaterThan(0);
    expect(recorder.indices.every((index) => index % broken.length === 0)).toBe(true);
    expect(subscription.rejected).toBe(recorder.rejected.length);
  });
});

describe('a subscription that cannot be', () => {
  it.each([
    [
      'a type without the fields',
      'std_msgs/msg/Int32',
      /Int32 is not an HbmMsg: field index: expected int32, found no such field/,
    ],
    [
      'a type of free size',
      'sensor_msgs/msg/PointCloud2',
      /has no fixed size; expected a fixed-size message/,
    ],
    [
      'a package that is not there',
      'no_such_msgs/msg/HbmMsg480P',
      /cannot load libno_such_msgs__rosidl_typesupport_introspection_c\.so/,
    ],
    ['a message that is not there', 'hbm_img_msgs/msg/HbmMsg9P', /has no message HbmMsg9P/],
    ['a name that is no type', 'HbmMsg480P', /expected package\/msg\/Type/],
  ])('is refused for %s', async (_, type, message) => {
    await expect(intake.subscribe(new Recorder(), { type })).rejects.toThrowError(message);
  });

  it('is refused for a topic name rcl does not take, with call and status', async () => {
    await expect(intake.subscribe(new Recorder(), { topic: 'not a topic' })).rejects.toMatchObject({
      name: 'TransportError',
      code: 'rcl',
      details: { call: 'rcl_subscription_init', status: 103 },
    });
  });

  it('is refused for a handle that is not rclnodejs’s', async () => {
    class RclHandle {}
    for (const handle of [{}, new RclHandle()]) {
      await expect(subscribe({ handle } as RosNode, new Recorder())).rejects.toMatchObject({
        code: 'node_handle',
      });
    }
  });

  it('says which QoS policy keeps the frames away', async () => {
    const recorder = new Recorder();
    const { defaultHbmemQos } = await loadRos();
    await intake.subscribe(recorder, {
      qos: { ...defaultHbmemQos, reliability: 'reliable' },
    });
    intake.startCamera({ waitForSubscriptions: 0, count: 5, linger: true });
    await until(() => recorder.policies.length > 0);
    expect(recorder.policies[0]).toBe('reliability');
    expect(recorder.indices).toEqual([]);
  });
});

describe('names', () => {
  it('are resolved by rcl, once, with the node’s remap rules', async () => {
    const subscription = await intake.subscribe(new Recorder(), { topic: '~/camera' });
    expect(subscription.topic).toBe('/frames_test/camera');
  });
});
