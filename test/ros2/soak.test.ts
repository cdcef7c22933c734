import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Peer } from './support/peer.js';
import { useRobot } from './support/graph.js';
import { NodeProcess } from './support/nodeProcess.js';
import type { DiagnosticsSeen } from './support/robot.js';
import { YoloSeg } from './support/yoloSeg.js';

const framesPerCamera = 5000;
const warmUpFrames = 2000;

let node: NodeProcess;
const robot = useRobot();
let camera: Peer;

beforeAll(async () => {
  node = new NodeProcess();
  await node.logged('active: ');
});

afterAll(async () => {
  await camera?.kill();
  await node?.stop();
});

/** A camera that sends as fast as it can. */
function startCamera(): Peer {
  const size = ['--width', '640', '--height', '480'];
  const source = ['--source', 'assets/evalset/images'];
  return new Peer('bin/rdk-yolo-seg', ['camera', ...source, ...size, '--rate', '0', '--wait-for-subscriber']);
}

/** The diagnostics once the node has taken so many frames. */
async function taken(count: number): Promise<DiagnosticsSeen> {
  return robot.diagnostics((seen) => seen.count('input.taken') >= count, 60_000);
}

/** The diagnostics once no frame comes any more and none is in work. */
async function idle(): Promise<DiagnosticsSeen> {
  return robot.diagnostics(
    ({ value, count }) => value('rate_in_hz') === '0.0' && count('frames_in_work') === 0,
  );
}

/** Ends the camera as a user does. */
async function endCamera(): Promise<void> {
  camera.process.kill('SIGINT');
  expect(await camera.exited).toBe(0);
}

describe('10,000 frames as fast as the node takes them', () => {
  let warmMb: number;
  let end: DiagnosticsSeen;

  beforeAll(async () => {
    camera = startCamera();
    await taken(warmUpFrames);
    warmMb = node.residentMb();
    await taken(framesPerCamera);
    await endCamera();
    camera = startCamera();
    await taken(2 * framesPerCamera);
    await endCamera();
    end = await idle();
  }, 180_000);

  it('come from two cameras, one after the other, and each taken message is given back', () => {
    expect(end.count('input.taken')).toBeGreaterThanOrEqual(2 * framesPerCamera);
    expect(end.count('input.returned')).toBe(end.count('input.taken'));
    expect(end.count('input.take_errors')).toBe(0);
  });

  it('are loaned, every one of them', () => {
    expect(end.count('input.loaned')).toBeGreaterThan(0);
    expect(end.count('input.copied')).toBe(0);
  });

  it('are segmented or counted as dropped, with nothing left over', () => {
    expect(end.count('frames_out')).toBeGreaterThan(100);
    expect(end.count('frames_out') + end.count('dropped')).toBe(end.count('frames_in'));
    expect(end.count('frames_in')).toBe(end.count('input.taken'));
  });

  it('leave the resident memory where it was after the warm-up', () => {
    // V8's heap grows by some 30 MiB on a busy machine; a leak of 10 KiB a frame would be 100 MiB.
    expect(node.residentMb() - warmMb).toBeLessThan(60);
  });

  it('are told in few lines', () => {
    expect(node.log).not.toMatch(/\[ERROR\]|never closed/);
    expect(node.log.split('\n').length).toBeLessThan(200);
  });
});

describe('a frame that the camera overwrites before it has been read', () => {
  it('is dropped as overwritten, told, and the node goes on', async () => {
    const since = node.log.length;
    const before = await robot.diagnostics();
    camera = startCamera();
    await taken(before.count('input.taken') + 10);
    // A node that gets no processor for a while: what it holds is overwritten meanwhile.
    for (let i = 0; i < 100; i++) {
      node.signal('SIGSTOP');
      await new Promise((resolve) => setTimeout(resolve, 60));
      node.signal('SIGCONT');
      await new Promise((resolve) => setTimeout(resolve, 30));
      if (/frame \d+ dropped: overwritten/.test(node.log.slice(since))) break;
    }
    await node.logged(/frame \d+ dropped: overwritten: /, { since });
    await endCamera();
    const after = await idle();
    expect(after.dropped('overwritten')).toBeGreaterThan(before.dropped('overwritten'));
    expect(after.count('input.returned')).toBe(after.count('input.taken'));

    const yoloSeg = new YoloSeg(robot);
    await yoloSeg.listenToDetections();
    await robot.startCamera();
    expect((await yoloSeg.segment()).length).toBeGreaterThanOrEqual(4);
  });
});
