import { describe, expect, it } from 'vitest';
import { BackendError, FrameError } from '#dist/core/errors.js';
import { Pipeline } from '#dist/pipeline/pipeline.js';
import { makeRandom } from '../../support/random.js';
import { defaultOptions } from '../../support/defaultOptions.js';
import { FakeFrame, FakeSession, settle } from './fakes.js';

class FrameThatCannotBeClosed extends FakeFrame {
  override close(): void {
    super.close();
    throw new Error('close on purpose');
  }
}

function build(onResult: () => void = () => {}) {
  const session = new FakeSession(3, 2);
  const pipeline = new Pipeline({
    session,
    onResult,
    onError: () => {},
    previewRequest: () => null,
    postprocessOptions: () => defaultOptions,
  });
  let arrived = 0;
  const expectBalance = () => {
    const { framesIn, framesOut, dropsTotal, drops } = pipeline.stats.snapshot();
    expect(framesIn).toBe(arrived);
    expect(framesOut + dropsTotal + pipeline.inWork).toBe(framesIn);
    expect(Object.values(drops).reduce((sum, count) => sum + count, 0)).toBe(dropsTotal);
  };
  const offer = (frame = new FakeFrame(arrived)) => {
    arrived++;
    pipeline.offer(frame);
  };
  const refuse = () => {
    arrived++;
    pipeline.stats.countUnoffered('encoding');
  };
  return { session, pipeline, offer, refuse, expectBalance };
}

describe('Pipeline: frames in = out + dropped + in work', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('at every moment of a random life (seed %i)', async (seed) => {
    const random = makeRandom(seed);
    const { session, pipeline, offer, refuse, expectBalance } = build();
    const settleOne = (gates: FakeSession['preparing']) => {
      const gate = [...gates.values()][Math.floor(random() * gates.size)];
      if (random() < 0.2) gate?.reject(new FrameError('overwritten', 'on purpose'));
      else gate?.resolve();
    };
    const steps = [
      offer,
      offer,
      offer,
      refuse,
      () => settleOne(session.preparing),
      () => settleOne(session.running),
      () => settleOne(session.running),
    ];
    for (let step = 0; step < 400; step++) {
      if (random() < 0.02) void pipeline.deactivate();
      if (random() < 0.1) pipeline.activate();
      steps[Math.floor(random() * steps.length)]!();
      expectBalance();
      await settle();
      expectBalance();
    }
    for (const gate of session.running.values()) gate.reject(new BackendError('dead', 'on purpose'));
    await settle();
    offer();
    refuse();
    expectBalance();
  });

  it('when an output fails', async () => {
    const { session, pipeline, offer, expectBalance } = build(() => {
      throw new Error('output on purpose');
    });
    pipeline.activate();
    for (let frame = 0; frame < 4; frame++) offer();
    for (const gates of [session.preparing, session.running]) {
      for (const gate of [...gates.values()]) gate.resolve();
      await settle();
    }
    expect(pipeline.state).toBe('dead');
    expectBalance();
    expect(pipeline.inWork).toBe(0);
  });

  it.each(['replaced', 'closed by a deactivation', 'offered to an inactive pipeline'])(
    'when the close of a frame fails that is %s',
    (how) => {
      const { pipeline, offer, expectBalance } = build();
      if (how !== 'offered to an inactive pipeline') pipeline.activate();
      offer();
      offer();
      offer(new FrameThatCannotBeClosed(2));
      if (how === 'replaced') offer();
      else void pipeline.deactivate();
      expectBalance();
      expect(pipeline.state).toBe('dead');
    },
  );
});
