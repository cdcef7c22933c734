import { describe, expect, it } from 'vitest';
import { diagnoseSilence, type SilenceFacts } from '#dist/ros2/watchdog.js';

const hbm = 'hbm_img_msgs/msg/HbmMsg1080P';
const facts: SilenceFacts = {
  topic: '/hbmem_img',
  acceptedTypes: [hbm],
  publishers: [{ nodeName: '/mipi_cam', typeName: hbm }],
  hadFrames: false,
  incompatibleQosPolicy: null,
  rejectedCount: 0,
  lastRejection: null,
  sharedMemoryEnabled: true,
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
    expect(message).toMatch(/start a camera/);
  });

  it('a camera that has gone', () => {
    const { cause, message } = diagnoseSilence({ ...facts, publishers: [], hadFrames: true });
    expect(cause).toBe('no_publisher');
    expect(message).toMatch(/the camera on \/hbmem_img has gone/);
  });

  it('another type, with found and expected', () => {
    const image = { nodeName: '/usb_cam', typeName: 'sensor_msgs/msg/Image' };
    const { cause, message } = diagnoseSilence({ ...facts, publishers: [image] });
    expect(cause).toBe('type_mismatch');
    expect(message).toMatch(/sensor_msgs\/msg\/Image by \/usb_cam; expected hbm_img_msgs\/msg\/HbmMsg1080P/);
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
    expect(diagnoseSilence({ ...facts, sharedMemoryEnabled: false }).message).toMatch(
      /without the shared-memory profile/,
    );
  });
});
