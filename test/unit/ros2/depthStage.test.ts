import { describe, expect, it, vi } from 'vitest';
import {
  resultAt,
  widthPx,
  heightPx,
  ros,
  stage,
  wanted,
  delivered,
  dropped,
  start,
  submit,
  sendDepth,
  sendInfo,
  until,
} from './depthStageUnderTest.js';

describe('results', () => {
  it('whose messages cannot be made are told, and those behind them are delivered', async () => {
    stage.submit({
      result: resultAt(7, 0),
      deliver: () => {
        throw new RangeError('Array buffer allocation failed');
      },
      drop: () => {},
    });
    sendInfo();
    sendDepth(0, 1500);
    submit(8, 33);
    sendDepth(33, 1600);
    await until(1);
    expect(delivered).toEqual(['8 1.600']);
    expect(ros.logged.join('\n')).toMatch(
      /frame 7 could not be published with its depth: .*allocation failed/,
    );
  });

  it('get the depth of their stamp, in their order', async () => {
    sendInfo();
    submit(0, 0);
    submit(1, 33);
    sendDepth(0, 1500);
    sendDepth(33, 2500);
    await until(2);
    expect(delivered).toEqual(['0 1.500', '1 2.500']);
    expect(stage.report).toMatchObject({ pictures: 2, paired: 2, unpaired: {}, waiting: 0 });
  });

  it('pass at once where nobody wants depths, and depth pictures are not read', () => {
    sendInfo();
    wanted.anything = false;
    sendDepth(0, 1500);
    submit(0, 0);
    expect(delivered).toEqual(['0 -']);
    expect(stage.report).toMatchObject({ pictures: 0, paired: 0 });
  });

  it('pass at once without input.depth, which subscribes to nothing', () => {
    stage.close();
    start({ 'input.depth': '' });
    submit(0, 0);
    expect(delivered).toEqual(['0 -']);
    expect([ros.subscriptions.size, stage.report, stage.warning]).toEqual([0, null, null]);
  });

  it('do not overtake: one that needs no depth any more waits for those before it', async () => {
    sendInfo();
    submit(0, 0);
    wanted.anything = false;
    submit(1, 33);
    expect(delivered).toEqual([]);
    wanted.anything = true;
    sendDepth(0, 1500);
    await until(2);
    expect(delivered).toEqual(['0 1.500', '1 -']);
  });

  it('go on without depth when the time is up', () => {
    vi.useFakeTimers();
    submit(0, 0);
    vi.advanceTimersByTime(190);
    expect(delivered).toEqual([]);
    vi.advanceTimersByTime(20);
    expect(delivered).toEqual(['0 -']);
    expect(stage.report).toMatchObject({ unpaired: { no_depth: 1 } });
    expect(ros.logged.join()).toContain(
      'frame 0 has no depth: no depth picture came within depth.max_wait_ms 200',
    );
  });

  it('are dropped by stop, and none is delivered after it, though the worker has it', async () => {
    sendInfo();
    submit(0, 0);
    sendDepth(0, 1500);
    submit(1, 33);
    stage.stop();
    expect(dropped).toEqual([0, 1]);
    expect(ros.subscriptions.size).toBe(0);
    stage.start();
    sendInfo();
    submit(2, 66);
    sendDepth(66, 2000);
    await until(1);
    expect(delivered).toEqual(['2 2.000']);
  });

  it('that are in the worker when all ends are neither told of nor counted', async () => {
    sendInfo();
    submit(0, 0);
    sendDepth(0, 1500);
    stage.close();
    stage.start();
    expect(stage.report).toMatchObject({ paired: 0, unpaired: {} });
    sendInfo();
    submit(1, 33);
    sendDepth(33, 2000);
    await until(1);
    expect(dropped).toEqual([0]);
    expect(delivered).toEqual(['1 2.000']);
    expect(stage.report).toMatchObject({ paired: 1, unpaired: {} });
    expect(ros.logged.join()).not.toContain('has no depth');
  });

  it('of a burst all have their depth; of more than eight the oldest that wait go on without, counted', async () => {
    sendInfo();
    sendDepth(0, 1500);
    for (let sequence = 0; sequence < 8; sequence++) submit(sequence, 0);
    await until(8);
    expect(stage.report).toMatchObject({ paired: 8, unpaired: {} });
    for (let sequence = 8; sequence < 19; sequence++) submit(sequence, 0);
    await until(19);
    const without = delivered.filter((line) => line.endsWith('-'));
    expect(without).toEqual(['10 -', '11 -', '12 -']);
    expect(delivered.map((line) => Number(line.split(' ')[0]))).toEqual([...Array(19).keys()]);
    expect(stage.report).toMatchObject({ paired: 16, unpaired: { busy: 3 } });
  });

  it('of depth pictures that come out of order have those of their stamps', async () => {
    sendInfo();
    submit(0, 0);
    submit(1, 33);
    submit(2, 66);
    sendDepth(66, 3500);
    expect(stage.report).toMatchObject({ unpaired: { stamp: 2 } });
    sendDepth(33, 2500);
    submit(3, 66);
    submit(4, 33);
    await until(5);
    expect(delivered).toEqual(['0 -', '1 -', '2 3.500', '3 3.500', '4 2.500']);
  });

  it('do not wait for a depth camera that is dead, and wait again when it is back', async () => {
    vi.useFakeTimers();
    stage.close();
    start();
    sendInfo();
    sendDepth(0, 1500);
    vi.advanceTimersByTime(1900);
    submit(0, 2000);
    expect(delivered).toEqual([]);
    vi.advanceTimersByTime(200);
    expect(delivered).toEqual(['0 -']);
    submit(1, 2100);
    expect(delivered).toEqual(['0 -', '1 -']);
    expect(stage.report).toMatchObject({ unpaired: { silent: 2 } });
    vi.advanceTimersByTime(500);
    expect(stage.warning).toContain('results do not wait for depth until one comes');
    sendDepth(2600, 1500);
    submit(2, 2633);
    expect(delivered).toHaveLength(2);
    expect(stage.warning).toBeNull();
    vi.useRealTimers();
    sendDepth(2633, 2500);
    await until(3);
    expect(delivered[2]).toBe('2 2.500');
  });

  it('do not wait for a camera_info that never comes, though depth pictures do', () => {
    vi.useFakeTimers();
    stage.close();
    start();
    for (let at = 0; at < 2000; at += 100) {
      sendDepth(at, 1500);
      vi.advanceTimersByTime(100);
    }
    sendDepth(2000, 1500);
    submit(0, 2000);
    expect(stage.report).toMatchObject({ unpaired: { camera_info: 1 } });
    expect(delivered).toEqual(['0 -']);
  });

  it('that are younger than the one whose time is up keep waiting for camera_info', async () => {
    vi.useFakeTimers();
    stage.close();
    start();
    sendDepth(0, 1500);
    submit(0, 0);
    vi.advanceTimersByTime(150);
    sendDepth(150, 2500);
    submit(1, 150);
    vi.advanceTimersByTime(60);
    expect(delivered).toEqual(['0 -']);
    vi.useRealTimers();
    sendInfo();
    await until(2);
    expect(delivered).toEqual(['0 -', '1 2.500']);
  });

  it('have points where they are wanted, organised by parameter', async () => {
    stage.close();
    start({ 'output.points_organised': true });
    wanted.points = true;
    sendInfo();
    sendDepth(0, 1500);
    submit(0, 0);
    await until(1);
    expect(delivered).toEqual([`0 1.500 ${widthPx}x${heightPx}`]);
  });
});
