import { beforeEach, describe, expect, it } from 'vitest';
import { BackendError, TransportError } from '#dist/core/errors.js';
import { FakeFrame, settle } from '../pipeline/fakes.js';
import {
  type FakeInput,
  ros,
  node,
  sessions,
  inputs,
  refusals,
  start,
  text,
  texts,
  number,
} from './nodeUnderTest.js';

describe('two cameras', () => {
  const front = '/yolo_seg/front/detections';
  const back = '/yolo_seg/back/detections';
  const watched = (topic: string) => {
    const [publisher] = ros.open(topic);
    publisher!.subscriptions = 1;
    return publisher!;
  };
  const begin = () => {
    ros.configure();
    ros.activate();
  };
  /** Takes a frame of a camera and finishes it. */
  const process = async (input: FakeInput, sequence: number) => {
    const session = sessions.at(-1)!;
    input.options.onFrame(new FakeFrame(sequence));
    await settle();
    session.preparing.get(sequence)!.resolve();
    await settle();
    session.running.get(sequence)!.resolve();
    await settle();
  };

  beforeEach(() => start({ 'model.path': 'first.onnx', 'cameras.names': ['front', 'back'] }));

  it('share one session, and each has its outputs', async () => {
    begin();
    expect(sessions).toHaveLength(1);
    expect(inputs.map(({ options }) => [options.topicName, options.frameId])).toEqual([
      ['front/hbmem_img', 'front'],
      ['back/hbmem_img', 'back'],
    ]);
    const [ofFront, ofBack] = [watched(front), watched(back)];
    await process(inputs[0]!, 1);
    await process(inputs[1]!, 2);
    await process(inputs[1]!, 3);
    expect([ofFront.raw.length, ofBack.raw.length]).toEqual([1, 2]);
    expect(ros.open('/yolo_seg/detections')).toEqual([]);
  });

  it('are both ended where the input of one cannot be opened, and come back together', () => {
    ros.configure();
    let opened = 0;
    refusals.input = () => (++opened === 2 ? new TransportError('native', 'no topic') : null);
    ros.activate();
    expect(ros.state).toBe('inactive');
    expect(inputs.map(({ isStopped }) => isStopped)).toEqual([true]);
    refusals.input = () => null;
    ros.activate();
    expect(inputs.map(({ isStopped }) => isStopped)).toEqual([true, false, false]);
  });

  it('leave no publisher where one of the last camera is refused', () => {
    ros.refusedTopic = '/yolo_seg/back/overlay';
    ros.configure();
    expect(ros.state).toBe('unconfigured');
    expect([front, back].flatMap((topic) => ros.open(topic))).toEqual([]);
  });

  it('die together with the session, which is told once', async () => {
    begin();
    const [session] = sessions;
    for (const [at, input] of inputs.entries()) input.options.onFrame(new FakeFrame(at));
    await settle();
    for (const gate of session!.preparing.values()) gate.reject(new BackendError('bpu_dead', 'on purpose'));
    await settle();
    expect(ros.state).toBe('unconfigured');
    expect(inputs.map(({ isStopped }) => isStopped)).toEqual([true, true]);
    expect(ros.logged.filter((line) => line.startsWith('error:'))).toHaveLength(1);
    expect(session!.closed).toBe(1);
  });

  it('follow a live parameter and another model alike', async () => {
    begin();
    ros.set('score_threshold', number(0.5));
    await process(inputs[0]!, 1);
    await process(inputs[1]!, 2);
    expect(sessions[0]!.optionsSeen.map(({ scoreThreshold }) => scoreThreshold)).toEqual([0.5, 0.5]);
    ros.deactivate();
    expect(ros.set('model.path', text('second.onnx'))).toBe('');
    ros.activate();
    const [ofFront, ofBack] = [watched(front), watched(back)];
    await process(inputs[2]!, 3);
    await process(inputs[3]!, 4);
    expect([ofFront.raw.length, ofBack.raw.length]).toEqual([1, 1]);
    expect(sessions.map(({ closed }) => closed)).toEqual([1, 0]);
  });

  it('are read once, at start', () => {
    expect(ros.set('cameras.names', texts(['front']))).toMatch(
      /cameras.names is read only: it is read once at start/,
    );
  });

  it('have a status each, and one that is silent warns alone', async () => {
    begin();
    inputs[1]!.warning = 'no publisher on /back/hbmem_img';
    await node.close();
    const { messages } = ros.publishers.find(({ topic }) => topic === '/diagnostics')!;
    const { status } = messages.at(-1) as { status: readonly Record<string, unknown>[] };
    expect(status.map(({ name, level, message }) => [name, level, message])).toEqual([
      ['yolo_seg: pipeline', 0, 'active'],
      ['yolo_seg: front', 0, 'active'],
      ['yolo_seg: back', 1, 'no publisher on /back/hbmem_img'],
    ]);
  });
});
