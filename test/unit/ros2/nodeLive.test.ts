import { describe, expect, it } from 'vitest';
import { TransportError } from '#dist/core/errors.js';
import { readDetections } from '#dist/messages/read.js';
import { foxgloveMessage } from '../messages/foxglove.js';
import { FakeFrame, settle } from '../pipeline/fakes.js';
import {
  ros,
  sessions,
  inputs,
  refusals,
  start,
  finalStatus,
  startFrame,
  text,
  texts,
  number,
} from './nodeUnderTest.js';

describe('a live parameter', () => {
  it('holds for the next frame', async () => {
    ros.configure();
    ros.activate();
    expect(ros.set('score_threshold', number(0.5))).toBe('');
    const session = await startFrame(0);
    expect(session.optionsSeen.at(-1)!.scoreThreshold).toBe(0.5);
  });

  it('that the loaded model cannot follow is refused and changes nothing', async () => {
    ros.configure();
    ros.activate();
    expect(ros.set('classes', texts(['dog']))).toMatch(/classes names "dog"; the model has 3 classes/);
    expect(ros.set('classes', texts(['car']))).toBe('');
    const session = await startFrame(0);
    expect(session.optionsSeen.at(-1)!.classes).toEqual([2]);
  });
});

describe('tracking', () => {
  const on = { type: 1, bool_value: true };
  const off = { type: 1, bool_value: false };

  /** The ids in the detections of the next frame. */
  async function idsOf(sequence: number): Promise<string[]> {
    const [detections] = ros.open('/yolo_seg/detections');
    detections!.subscriptions = 1;
    const session = await startFrame(sequence);
    session.running.get(sequence)!.resolve();
    await settle();
    return readDetections(detections!.raw.at(-1)!).detections.map(({ id }) => id);
  }

  it('is switched live: scores down to low_score are asked for, and nothing below the threshold gets out', async () => {
    ros.configure();
    ros.activate();
    expect(await idsOf(0)).toEqual(['0_1']);
    expect(ros.set('tracking.enabled', on)).toBe('');
    expect(await idsOf(1)).toEqual(['1']);
    expect(sessions[0]!.optionsSeen.map(({ scoreThreshold }) => scoreThreshold)).toEqual([0.25, 0.1]);
    // This one is started for tracking, and comes out without.
    const session = await startFrame(2);
    expect(ros.set('tracking.enabled', off)).toBe('');
    session.running.get(2)!.resolve();
    await settle();
    expect(readDetections(ros.open('/yolo_seg/detections')[0]!.raw.at(-1)!).detections).toHaveLength(1);
    expect(await idsOf(3)).toEqual(['0_1']);
    expect(session.optionsSeen.at(-1)!.scoreThreshold).toBe(0.25);
    expect(ros.set('tracking.enabled', on)).toBe('');
    expect(await idsOf(4)).toEqual(['2']);
  });

  it('gives no id again: not after a deactivation, nor of another model', async () => {
    start({ 'model.path': 'first.onnx', 'tracking.enabled': true });
    ros.configure();
    ros.activate();
    expect([await idsOf(0), await idsOf(1)]).toEqual([['1'], ['1']]);
    ros.deactivate();
    ros.activate();
    expect(await idsOf(2)).toEqual(['2']);
    ros.deactivate();
    expect(ros.set('model.path', text('second.onnx'))).toBe('');
    ros.activate();
    expect(await idsOf(3)).toEqual(['3']);
  });

  /** The tracks that the last message of TROS tells to have ended. */
  function disappeared(): string[] {
    const cdr = ros.open('/hobot_dnn_detection')[0]!.raw.at(-1)!;
    const { disappeared_targets: targets } = foxgloveMessage<{
      disappeared_targets: { type: string; track_id: bigint }[];
    }>('ai_msgs/msg/PerceptionTargets', cdr);
    return targets.map(({ type, track_id }) => `${track_id} ${type}`);
  }

  it.each([
    ['a model that takes its place while inactive', () => {}, 'true'],
    ['a model that is loaded after a cleanup', () => ros.cleanup(), 'true'],
    ['a model that follows nothing', () => ros.set('tracking.enabled', off), 'false'],
  ])('that ends with its model is told once by %s, by the name it had', async (_, between, isOn) => {
    start({ 'model.path': 'first.onnx', 'tracking.enabled': true });
    ros.configure();
    ros.activate();
    ros.open('/hobot_dnn_detection')[0]!.subscriptions = 1;
    await idsOf(0);
    expect(disappeared()).toEqual([]);
    ros.deactivate();
    between();
    expect(ros.set('model.path', text('nameless.onnx'))).toBe('');
    if (ros.state === 'unconfigured') ros.configure();
    ros.activate();
    ros.open('/hobot_dnn_detection')[0]!.subscriptions = 1;
    expect(await idsOf(1)).toEqual(isOn === 'true' ? ['2'] : ['0_1']);
    expect(disappeared()).toEqual(['1 person']);
    await idsOf(2);
    expect(disappeared()).toEqual([]);
  });
});

describe('input.max_rate_hz', () => {
  it.each([
    [0n, 'have no stamps'],
    [7n, 'all have one stamp'],
  ])(
    'takes frames by their coming where stamps stand still at %s, and says so once',
    async (stampNs, why) => {
      start({ 'model.path': 'first.onnx', 'input.max_rate_hz': 5 });
      ros.configure();
      ros.activate();
      const [input] = inputs;
      const frames = Array.from(
        { length: 61 },
        (_, index) => new FakeFrame(index, (index * 1000) / 30, stampNs),
      );
      for (const frame of frames) input!.options.onFrame(frame);
      await settle();
      ros.deactivate();
      for (const gate of sessions[0]!.preparing.values()) gate.resolve();
      const { values } = (await finalStatus()) as unknown as { values: { key: string; value: string }[] };
      // Two seconds at 5 Hz; the first one, and half of one that is saved up.
      expect(Number(values.find(({ key }) => key === 'dropped.thinned')!.value)).toBe(61 - 11);
      const told = ros.logged.filter((line) => line.includes('input.max_rate_hz'));
      expect(told).toEqual([
        `warn: frames on /hbmem_img ${why}: input.max_rate_hz goes by the times at which they come`,
      ]);
    },
  );
});

describe('enabled', () => {
  const bool = (value: boolean) => ({ type: 1, bool_value: value });
  const setEnabled = (data: boolean) => ros.call('~/set_enabled', { data });
  const begin = () => {
    ros.configure();
    ros.activate();
  };

  it.each([
    ['the service', (on: boolean) => setEnabled(on)],
    ['the parameter', (on: boolean) => ros.set('enabled', bool(on))],
  ])(
    'false by %s ends the input, publishes nothing more and keeps the model; true takes frames again',
    async (_, set) => {
      begin();
      const detections = ros.open('/yolo_seg/detections')[0]!;
      detections.subscriptions = 1;
      const session = await startFrame(1);
      set(false);
      expect([ros.state, inputs[0]!.isStopped]).toEqual(['active', true]);
      session.running.get(1)!.resolve();
      await settle();
      expect(detections.raw).toEqual([]);
      set(true);
      expect(inputs.map(({ isStopped }) => isStopped)).toEqual([true, false]);
      await startFrame(2);
      session.running.get(2)!.resolve();
      await settle();
      expect(detections.raw).toHaveLength(1);
      expect(sessions).toHaveLength(1);
    },
  );

  it('is one thing, asked for twice or by two ways', () => {
    begin();
    setEnabled(false);
    expect(ros.set('enabled', bool(false))).toBe('');
    expect(setEnabled(false)).toEqual({ success: true, message: 'disabled' });
    setEnabled(true);
    setEnabled(true);
    expect(inputs).toHaveLength(2);
    const answer = ros.call('~/get_parameters', { names: ['enabled'] });
    expect(answer).toEqual({ values: [expect.objectContaining(bool(true))] });
  });

  it('false before activation opens no input until it is true', () => {
    expect(setEnabled(false)).toEqual({ success: true, message: 'disabled; the node is unconfigured' });
    begin();
    expect([ros.state, inputs.length]).toEqual(['active', 0]);
    setEnabled(true);
    expect(inputs).toHaveLength(1);
    ros.deactivate();
    expect(inputs[0]!.isStopped).toBe(true);
  });

  it('true is refused where the input cannot be opened, and stays false', () => {
    begin();
    setEnabled(false);
    refusals.input = () => new TransportError('create', 'no subscription');
    expect(setEnabled(true)).toEqual({ success: false, message: expect.stringContaining('no subscription') });
    expect(ros.call('~/get_parameters', { names: ['enabled'] })).toEqual({
      values: [expect.objectContaining(bool(false))],
    });
    refusals.input = () => null;
    expect(setEnabled(true)).toEqual({ success: true, message: 'enabled' });
    expect(inputs.at(-1)!.isStopped).toBe(false);
  });

  it('false is no fault in the diagnostics', async () => {
    begin();
    inputs[0]!.warning = 'no publisher';
    setEnabled(false);
    expect(await finalStatus()).toMatchObject({ level: 0, message: 'active, disabled' });
  });
});

describe('use_sim_time', () => {
  it('follows the parameter while the node runs', () => {
    expect(ros.onClock).toBeNull();
    ros.set('use_sim_time', { type: 1, bool_value: true });
    expect(ros.onClock).not.toBeNull();
    ros.set('use_sim_time', { type: 1, bool_value: false });
    expect(ros.onClock).toBeNull();
    start({ 'model.path': 'first.onnx', use_sim_time: true });
    expect(ros.onClock).not.toBeNull();
  });
});
