// sensor_msgs/Image as serialised bytes: every field read at its place in both byte orders, and no length that is read beyond.
import { describe, expect, it } from 'vitest';
import type { QosPolicies } from '#dist/native/hbmem.js';
import { type Lease, Recorder, useIntake } from './support/hbmem.js';
import { until } from './support/peer.js';

const type = 'sensor_msgs/msg/Image';
const intake = useIntake('images_test');
const qos: QosPolicies = {
  depth: 50,
  reliability: 'reliable',
  durability: 'volatile',
  history: 'keep_last',
};

/** An Image of 3 x 2 rgb8 pixels with a step of 12, by CDR's rules alone. */
function image(isLittleEndian: boolean, frameId: string): Buffer {
  const bytes: number[] = [];
  const uint32 = (value: number) => {
    while (bytes.length % 4 !== 0) bytes.push(0);
    const four = [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24];
    bytes.push(...(isLittleEndian ? four : four.toReversed()));
  };
  const text = (value: string) => {
    uint32(Buffer.byteLength(value) + 1);
    bytes.push(...Buffer.from(value), 0);
  };
  uint32(-7 >>> 0);
  uint32(123_456_789);
  text(frameId);
  uint32(2);
  uint32(3);
  text('rgb8');
  bytes.push(0);
  uint32(12);
  uint32(24);
  for (let i = 0; i < 24; i++) bytes.push(i * 3);
  return Buffer.from([0, isLittleEndian ? 1 : 0, 0, 0, ...bytes]);
}

/** Sends one message after another, each after the one before has been answered. */
async function exchange(messages: readonly Buffer[], each: (lease: Lease) => void): Promise<Recorder> {
  const publisher = intake.node.createPublisher(type, 'hbmem_img', qos);
  const recorder = new Recorder();
  const subscription = await intake.subscribe(recorder, { type, qos });
  let answered = 0;
  recorder.each((lease) => {
    answered++;
    each(lease);
    lease.close();
  });
  const count = () => answered + recorder.rejected.length;
  try {
    expect(subscription.canLoan).toBe(false);
    await until(() => publisher.subscriptionCount() > 0);
    for (const [index, message] of messages.entries()) {
      publisher.publishRaw(message);
      await until(
        () => count() > index,
        10_000,
        () => `message ${index} of ${message.length} bytes was not answered`,
      );
    }
    expect(subscription.counters).toMatchObject({ taken: messages.length, outstanding: 0, takeErrors: 0 });
  } finally {
    publisher.destroy();
  }
  return recorder;
}

describe('an Image as serialised bytes', () => {
  it.each([true, false])('has its fields read, little-endian %s', async (isLittleEndian) => {
    const seen: object[] = [];
    const frames = ['', 'a', 'ab', 'abc', 'Kamera_ä/lens'];
    await exchange(
      frames.map((frameId) => image(isLittleEndian, frameId)),
      (lease) => {
        const { stampNs, frameId, widthPx, heightPx } = lease.header;
        const data = lease.borrowBytes((bytes) => [...bytes]);
        seen.push({ stampNs, frameId, widthPx, heightPx, format: lease.format, loaned: lease.loaned, data });
      },
    );
    expect(seen).toEqual(
      frames.map((frameId) => ({
        stampNs: -7_000_000_000n + 123_456_789n,
        // Of the subscription where the message has none.
        frameId: frameId === '' ? 'camera' : frameId,
        widthPx: 3,
        heightPx: 2,
        format: 'rgb8',
        loaned: false,
        data: Array.from({ length: 24 }, (_, i) => i * 3),
      })),
    );
  });

  it('that ends anywhere is refused with what it has and needs', async () => {
    const whole = image(true, 'lens');
    const lengths = Array.from({ length: whole.length / 4 - 1 }, (_, i) => (i + 1) * 4);
    const recorder = await exchange(
      lengths.map((length) => whole.subarray(0, length)),
      () => {
        throw new Error('accepted');
      },
    );
    expect(recorder.rejected.map(({ code }) => code)).toEqual(lengths.map(() => 'serialized_form'));
    for (const [i, { message }] of recorder.rejected.entries()) {
      const [, has, needs] = /has (\d+) bytes; up to the end of [\w.]+ it needs (\d+)$/.exec(message) ?? [];
      expect(Number(has)).toBe(lengths[i]);
      expect(Number(needs)).toBeGreaterThan(lengths[i]!);
      expect(Number(needs)).toBeLessThanOrEqual(whole.length);
    }
  });

  it('with any word of it replaced by a huge or odd one is refused or read within its bytes', async () => {
    const whole = image(true, 'lens');
    const messages = [];
    for (let at = 0; at < 56; at += 4) {
      for (const value of [0xffffffff, 0x80000000, 0x7fffffff, whole.length, 1]) {
        const message = Buffer.from(whole);
        message.writeUInt32LE(value, at);
        messages.push(message);
      }
    }
    await exchange(messages, (lease) => {
      const bytes = lease.borrowBytes((view) => view.reduce((sum, byte) => sum + byte, 0));
      expect(bytes).toBeGreaterThanOrEqual(0);
    });
  });
});
