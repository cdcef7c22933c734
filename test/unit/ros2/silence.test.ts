import { describe, expect, it } from 'vitest';
import { diagnoseSilence, PublisherSightings, type SilenceFacts } from '#dist/ros2/silence.js';

const hbm = 'hbm_img_msgs/msg/HbmMsg1080P';
const mipi = {
  gid: '1',
  nodeName: '/mipi_cam',
  typeName: hbm,
  reliability: null,
  durability: null,
  seenForMs: 60_000,
  mayHaveSent: false,
};
const facts: SilenceFacts = {
  topic: '/hbmem_img',
  topicName: 'hbmem_img',
  acceptedTypes: [hbm],
  choice: 'input.transport is hbmem',
  publishers: [mipi],
  silentForMs: null,
  firstFrameDueMs: 2000,
  incompatibleQosPolicy: null,
  rejectedCount: 0,
  lastRejection: null,
  sharedMemoryOffBy: [],
};

describe('silence on the input topic is explained by', () => {
  it('refused frames, with the last reason', () => {
    const { cause, message } = diagnoseSilence({ ...facts, rejectedCount: 7, lastRejection: 'width is 0' });
    expect(cause).toBe('rejected');
    expect(message).toMatch(/7 frames on \/hbmem_img .*width is 0/);
  });

  it('a missing publisher, with what to start', () => {
    const { cause, message } = diagnoseSilence({ ...facts, publishers: [] });
    expect(cause).toBe('no_publisher');
    expect(message).toMatch(
      /start a camera \(ros2 launch mipi_cam mipi_cam\.launch\.py; a USB camera through hobot_codec/,
    );
    expect(message).not.toContain('io_method shared_mem');
  });

  it('a camera that has gone', () => {
    const { cause, message } = diagnoseSilence({
      ...facts,
      publishers: [],
      silentForMs: 3000,
      rejectedCount: 4,
    });
    expect(cause).toBe('no_publisher');
    expect(message).toMatch(/the camera on \/hbmem_img has gone/);
    // Though all it sent was refused.
    const refused = diagnoseSilence({
      ...facts,
      publishers: [],
      rejectedCount: 4,
      lastRejection: 'width is 0',
    });
    expect(refused.message).toBe(message);
  });

  it('another type, with found and expected', () => {
    const image = { ...mipi, nodeName: '/usb_cam', typeName: 'sensor_msgs/msg/Image' };
    const { cause, message } = diagnoseSilence({ ...facts, publishers: [image] });
    expect(cause).toBe('type_mismatch');
    expect(message).toMatch(/sensor_msgs\/msg\/Image by \/usb_cam; expected hbm_img_msgs\/msg\/HbmMsg1080P/);
  });

  it('a type that the parameters exclude, with both and how to take it', () => {
    const carrying = (typeName: string) =>
      diagnoseSilence({ ...facts, publishers: [{ ...mipi, typeName }] }).message;
    for (const type of [
      'sensor_msgs/msg/Image',
      'sensor_msgs/msg/CompressedImage',
      'hbm_img_msgs/msg/HbmMsg540P',
    ]) {
      expect(carrying(type)).toBe(
        `/hbmem_img carries ${type} by /mipi_cam; expected ${hbm}, as input.transport is hbmem; ` +
          'set input.transport and input.hbmem_type to auto, or remap hbmem_img to another topic',
      );
    }
    expect(carrying('std_msgs/msg/String')).toMatch(/; remap hbmem_img to a camera's topic$/);
  });

  it('a camera that has just begun, without blaming it; one whose name is not known yet is not named', () => {
    const fresh = { ...mipi, seenForMs: 1900 };
    expect(diagnoseSilence({ ...facts, publishers: [fresh] }).cause).toBe('starting');
    const unnamed = { ...fresh, nodeName: null };
    const { message } = diagnoseSilence({ ...facts, publishers: [unnamed] });
    expect(message).toMatch(/^a node whose name is not known yet has just begun/);
    // One that is due is told, whoever else has begun meanwhile.
    expect(diagnoseSilence({ ...facts, publishers: [mipi, unnamed] })).toMatchObject({
      cause: 'no_data',
      message: expect.stringMatching(/^\/mipi_cam publishes/),
    });
  });

  it('a camera that sent and is silent, without doubt about its settings', () => {
    const stopped = { ...facts, publishers: [{ ...mipi, mayHaveSent: true }], silentForMs: 4100 };
    const { cause, message } = diagnoseSilence(stopped);
    expect(cause).toBe('stopped');
    expect(message).toMatch(/no frame from \/mipi_cam on \/hbmem_img for 4 s, .*was killed/);
    expect(message).not.toMatch(/FASTRTPS|dev\/shm/);
    const newcomer = { ...mipi, gid: '2', nodeName: '/other' };
    const both = { ...stopped, publishers: [...stopped.publishers, newcomer] };
    expect(diagnoseSilence(both).message).toMatch(/^\/other publishes/);
  });

  it('incompatible QoS, with the policy and the override to set', () => {
    const { cause, message } = diagnoseSilence({ ...facts, incompatibleQosPolicy: 'RELIABILITY' });
    expect(cause).toBe('qos');
    expect(message).toMatch(/RELIABILITY.*qos_overrides\.\/hbmem_img\.subscription/);
  });

  it('missing shared memory where all else fits, with the variables', () => {
    const { cause, message } = diagnoseSilence(facts);
    expect(cause).toBe('no_data');
    expect(message).toMatch(/\/mipi_cam publishes .*ROS_DISABLE_LOANED_MESSAGES=0/);
    expect(diagnoseSilence({ ...facts, sharedMemoryOffBy: ['RMW_IMPLEMENTATION'] }).message).toMatch(
      /without shared memory: unset RMW_IMPLEMENTATION to have it/,
    );
  });
});

describe('sightings of publishers', () => {
  it('begin with the first look that shows one, and anew when it comes back', () => {
    const sightings = new PublisherSightings();
    const other = { ...mipi, gid: '2' };
    sightings.look([mipi], 100);
    sightings.look([mipi, other], 600);
    const seenForMs = (nowMs: number) =>
      [mipi, other].map((publisher) => sightings.sighted(publisher, null, nowMs).seenForMs);
    expect(seenForMs(1000)).toEqual([900, 400]);
    sightings.look([other], 1100);
    sightings.look([mipi, other], 1600);
    expect(seenForMs(2000)).toEqual([400, 1400]);
  });
});
