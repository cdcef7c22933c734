import { describe, expect, it } from 'vitest';
import { useGraph } from './support/graph.js';
import type { PerceptionTargets } from './support/messages.js';

/** Long ago: no clock of a machine tells this time. */
const bagSec = 1_000_000;

describe('use_sim_time', () => {
  const { robot, yoloSeg } = useGraph({ parameters: { use_sim_time: true } });
  const tellTime = (sec: number, nanosec: number) =>
    robot.do('tell', {
      type: 'rosgraph_msgs/msg/Clock',
      topic: '/clock',
      message: { clock: { sec, nanosec } },
    });
  /** Tells the time until the node has heard it. */
  async function setTime(sec: number, nanosec = 0): Promise<void> {
    for (let attempt = 0; attempt < 20; attempt++) {
      await tellTime(sec, nanosec);
      const heard = robot.diagnostics((seen) => seen.value('clock') === 'simulated', 1500);
      if (
        await heard.then(
          () => true,
          () => false,
        )
      )
        break;
    }
    await tellTime(sec, nanosec);
  }

  it('without /clock: ages are not known, and the diagnostics say why', async () => {
    await yoloSeg.segment({ stamp: { sec: bagSec, nanosec: 1 } });
    const seen = await robot.diagnostics(({ level }) => level === 1);
    expect(seen.message).toMatch(/nothing has come on \/clock/);
    expect(seen.value('clock')).toBe('simulated, not heard');
    expect([seen.value('age_ms.p50'), seen.value('clock_mismatch_ms')]).toEqual(['', undefined]);
  });

  it('gives the stamps of the bag, ages by the time of the bag, and warns of nothing', async () => {
    await setTime(bagSec + 10, 80_000_000);
    await yoloSeg.change('deactivate');
    await yoloSeg.change('activate');
    const stamp = { sec: bagSec + 10, nanosec: 30_000_000 };
    expect((await yoloSeg.segmentFrame({ stamp })).header.stamp).toEqual(stamp);
    const seen = await robot.diagnostics((one) => one.value('age_ms.p50') !== '' && one.level === 0);
    // The time of the bag stands still while the frame is in work: 80 ms less 30 ms, to the digit.
    for (const share of ['p50', 'p95', 'p99']) expect(seen.value(`age_ms.${share}`)).toBe('50.00');
    expect(seen.value('clock_mismatch_ms')).toBeUndefined();

    const topic = '/hobot_dnn_detection';
    await robot.listen(topic, 'ai_msgs/msg/PerceptionTargets');
    const { perfs } = await yoloSeg.outputOf<PerceptionTargets>(topic, stamp);
    const whole = perfs.find(({ type }) => type.endsWith('_pipeline'))!;
    expect(whole.time_ms_duration).toBeCloseTo(50, 6);
    expect(whole.stamp_end).toEqual({ sec: bagSec + 10, nanosec: 80_000_000 });
  });

  it('a bag that stands still is not a silent camera', async () => {
    // Silence is told after two seconds: this many reports come in more.
    for (let report = 0; report < 4; report++) {
      const seen = await robot.diagnostics();
      expect([seen.level, seen.message]).toEqual([0, 'active']);
    }
  });

  it('headers of diagnostics have the time of the bag', async () => {
    const { header } = await robot.next<{ header: { stamp: object } }>('/diagnostics');
    expect(header.stamp).toEqual({ sec: bagSec + 10, nanosec: 80_000_000 });
  });

  it('a bag that begins anew is followed: results, no alarm, ages by its time', async () => {
    await tellTime(bagSec + 1, 80_000_000);
    await robot.next<{ header: { stamp: { sec: number } } }>(
      '/diagnostics',
      (message) => message.header.stamp.sec === bagSec + 1,
    );
    const stamp = { sec: bagSec + 1, nanosec: 50_000_000 };
    const { perfs } = await yoloSeg.outputOf<PerceptionTargets>('/hobot_dnn_detection', stamp);
    // 80 ms less 50 ms: neither the time before the jump nor that of the system.
    const whole = perfs.find(({ type }) => type.endsWith('_pipeline'))!;
    expect(whole.time_ms_duration).toBeCloseTo(30, 6);
    const seen = await robot.diagnostics();
    expect([seen.level, seen.message]).toEqual([0, 'active']);
    expect(seen.value('clock_mismatch_ms')).toBeUndefined();
  });
});

describe('~/set_enabled', () => {
  const { robot, yoloSeg } = useGraph();
  const setEnabled = (data: boolean) =>
    robot.call<{ success: boolean; message: string }>('/yolo_seg/set_enabled', 'std_srvs/srv/SetBool', {
      data,
    });
  const subscribers = () => robot.do('subscribers', { camera: 'front' });

  it('false lets the camera go and changes the parameter; true takes frames again', async () => {
    await yoloSeg.segment();
    expect(await setEnabled(false)).toEqual({ success: true, message: 'disabled' });
    expect(await yoloSeg.parameter('enabled')).toMatchObject({ bool_value: false });
    while ((await subscribers()) !== 0);
    const seen = await robot.diagnostics((one) => one.value('enabled') === 'false');
    expect([seen.level, await yoloSeg.state()]).toEqual([0, 'active']);
    expect(await setEnabled(true)).toEqual({ success: true, message: 'enabled' });
    await yoloSeg.segment();
    expect(await yoloSeg.parameter('enabled')).toMatchObject({ bool_value: true });
  });
});

describe('limits of the diagnostics', () => {
  const parameters = { 'diagnostics.max_latency_ms': 1, 'diagnostics.min_rate_hz': 0 };
  const { robot, yoloSeg } = useGraph({ parameters });

  it('are judged by p95 of the age of results, and can be lifted live', async () => {
    await yoloSeg.segment();
    const seen = await robot.diagnostics(({ level }) => level === 2);
    expect(seen.message).toMatch(/diagnostics\.max_latency_ms is 1/);
    expect(Number(seen.value('age_ms.p99'))).toBeGreaterThanOrEqual(Number(seen.value('age_ms.p50')));
    expect(Number(seen.value('rate_possible_hz'))).toBeGreaterThan(0);
    await yoloSeg.setParameter('diagnostics.max_latency_ms', 60_000);
    await robot.stream(5);
    await robot.diagnostics(({ level }) => level === 0);
    await robot.stopStream();
  });
});
