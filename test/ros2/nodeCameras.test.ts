import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Peer, startCamera, withoutProfile } from './support/peer.js';
import { type480, type1080 } from './support/robot.js';
import { useNodes, useRobot } from './support/graph.js';

const endless = { count: 1_000_000, linger: true };
const reliable = ['-p', 'qos_overrides./hbmem_img.subscription.reliability:=reliable'];

const robot = useRobot();
const startNode = useNodes();
const cameras: Peer[] = [];

function start(options: object, env: NodeJS.ProcessEnv = {}): Peer {
  const camera = startCamera(options, env);
  cameras.push(camera);
  return camera;
}

/** Nodes that publish frames, as another process's graph shows them; a name may be known seconds after its endpoint. */
const publishers = () => robot.do('publisher_nodes', { topic: '/hbmem_img' });
const waitForGraph = { timeout: 20_000, interval: 200 };
const nodeOf = (camera: Peer) => `test_camera_${camera.process.pid}`;

afterEach(async () => {
  for (const camera of cameras.splice(0)) await camera.end();
});

describe('a camera that is killed and comes back', () => {
  it.each([
    ['a smaller', type1080, type480],
    ['a larger', type480, type1080],
  ])('with %s message is heard while the dead one is still in the graph', async (_, before, after) => {
    const listening = startNode();
    const killed = start({ ...endless, type: before });
    await robot.diagnostics(({ count }) => count('input.taken') > 0);
    await vi.waitFor(async () => expect(await publishers()).toContain(nodeOf(killed)), waitForGraph);
    await killed.kill();
    const since = listening.log.length;
    start({ ...endless, type: after });
    await listening.logged(`subscribed to /hbmem_img [${after}]`, { since });
    const { count } = await robot.diagnostics(({ level }) => level === 0);
    await robot.diagnostics((seen) => seen.count('input.taken') > count('input.taken'));
    expect(await publishers()).toContain(nodeOf(killed));
    // Where the next one is slow to start the silence is told, but nobody's settings are doubted.
    expect(listening.log.slice(since)).not.toMatch(/no frame arrives|\/dev\/shm/);
  });

  it('is told as silent, not as a camera without shared memory, while it is away', async () => {
    const listening = startNode();
    const killed = start(endless);
    await robot.diagnostics(({ count }) => count('input.taken') > 0);
    await killed.kill();
    await listening.logged(/no frames: .*\/test_camera_\d+ .*still in the graph/);
    expect(listening.log).not.toContain('/dev/shm');
  });
});

describe('how frames arrive', () => {
  it('is told when the first have come: loaned', async () => {
    const listening = startNode();
    await listening.logged('active: ');
    expect(listening.log).not.toMatch(/loaned|copied/);
    start(endless);
    await listening.logged('frames on /hbmem_img are loaned');
    expect(listening.log).toContain(`subscribed to /hbmem_img [${type480}]; can loan: yes`);
  });

  it('is told when the first have come: copied, because the camera does not share its memory', async () => {
    const listening = startNode({ rosArguments: reliable });
    start({ ...endless, qos: { reliability: 'reliable' } }, withoutProfile);
    await listening.logged(/\[WARN\].*frames on \/hbmem_img are copied: the camera does not share/);
    const { count } = await robot.diagnostics((seen) => seen.count('input.copied') > 0);
    expect(count('input.loaned')).toBe(0);
    expect(listening.log).not.toContain('are loaned');
  });

  it('is told when the first have come: copied, because this process has shared memory off', async () => {
    const listening = startNode({
      rosArguments: reliable,
      env: { RMW_FASTRTPS_USE_QOS_FROM_XML: '0', ROS_DISABLE_LOANED_MESSAGES: '1' },
    });
    start({ ...endless, qos: { reliability: 'reliable' } });
    await listening.logged(/\[WARN\].*frames on \/hbmem_img are copied: this process runs without/);
    expect(listening.log).not.toMatch(/are loaned/);
  });
});

describe('frames that never arrive', () => {
  it.each([
    ['loaned', {}, {}, []],
    ['copied', { qos: { reliability: 'reliable' } }, withoutProfile, reliable],
  ] as const)('are counted and told as a warning where frames are %s', async (form, options, env, args) => {
    const count = 150;
    const listening = startNode({ rosArguments: args });
    // Frames are counted from the first that is heard, so the first one must be: it stays with the camera meanwhile.
    const camera = start({ ...options, count, firstAlone: true, linger: true }, env);
    await robot.diagnostics((seen) => seen.count('input.taken') === 1);
    listening.signal('SIGSTOP');
    camera.process.stdin!.write('go on\n');
    await camera.event('sent');
    listening.signal('SIGCONT');
    await listening.logged(/\[WARN\].*frames lost: \d+ of the last \d+ frames of \/hbmem_img never arrived/);
    const lossy = await robot.diagnostics(
      ({ level, message }) => level === 1 && message.includes('never arrived'),
    );
    expect(lossy.message).toMatch(new RegExp(`never arrived; .*${form}`));
    // Where frames are copied the last ones come with a later heartbeat of the writer, after those that were under way.
    await robot.diagnostics((seen) => seen.count('input.lost') + seen.count('input.taken') === count);
    await robot.diagnostics(({ message }) => !message.includes('never arrived'));
  });
});

describe('a camera that starts while the node waits', () => {
  it('is not blamed before its first frame is due', async () => {
    const listening = startNode({ parameters: { 'input.hbmem_type': 'HbmMsg480P' } });
    await listening.logged('no frames: no publisher on /hbmem_img');
    start({ ...endless, waitForSubscriptions: 1, rateHz: 2 });
    await listening.logged('frames arrive on /hbmem_img');
    expect(listening.log).not.toMatch(/no frame arrives|UNKNOWN/);
  });
});

describe('a node that is deactivated while silent', () => {
  it('warns no more', async () => {
    const listening = startNode();
    await listening.logged('no frames: no publisher');
    await robot.diagnostics(({ level }) => level === 1);
    const { success } = await robot.call<{ success: boolean }>(
      '/yolo_seg/change_state',
      'lifecycle_msgs/srv/ChangeState',
      { transition: { id: 4 } },
      { repeat: false },
    );
    expect(success).toBe(true);
    expect(await robot.diagnostics()).toMatchObject({ level: 0, message: 'inactive' });
  });
});
