import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { Peer, startCamera, until, withoutProfile } from './support/peer.js';

let camera: Peer | null = null;
let holder: Peer | null = null;

afterEach(async () => {
  await holder?.end();
  await camera?.end();
  holder = null;
  camera = null;
});

/** How often the process has mapped memory that frames lie in: Fast DDS once, and we once more. */
function frameMappings({ process }: Peer): number {
  const maps = readFileSync(`/proc/${process.pid}/maps`, 'utf8');
  return maps.match(/ r--s .*fast_datasharing/g)?.length ?? 0;
}

const endless = { count: 100_000, linger: true };

function startHolder(
  action: string,
  options: object = {},
  reliability = 'best_effort',
  flags: string[] = [],
) {
  holder = new Peer(process.execPath, [
    ...flags,
    'test/ros2/peers/holder.mjs',
    action,
    JSON.stringify(options),
    reliability,
  ]);
  return holder;
}

describe.each([
  ['frames in shared memory', {}],
  ['frames copied from serialised messages', { forceSerialized: true }],
])('a subscription with three %s held', (_, options) => {
  it.each(['exit', 'destroy', 'shutdown', 'stopNow', 'stop', 'repeat', 'afterShutdown'])(
    'ends cleanly by %s',
    async (action) => {
      camera = startCamera(endless);
      const peer = startHolder(action, options);
      await peer.event('holding');
      expect(await peer.exited, peer.output).toBe(0);
      expect(peer.output).not.toContain('left behind');
      expect(peer.output).not.toContain('"event":"error"');
    },
  );

  it('ends by an uncaught exception with that exception', async () => {
    camera = startCamera(endless);
    const peer = startHolder('throw', options);
    expect(await peer.exited).toBe(1);
    expect(peer.output).toContain('on purpose');
    expect(peer.output).not.toContain('left behind');
  });

  it('lets the frames be read after its end', async () => {
    camera = startCamera(endless);
    const peer = startHolder('shutdown', options);
    expect(await peer.event('shut down')).toMatchObject({ states: ['readable', 'readable', 'readable'] });
    await peer.exited;
  });
});

describe('a subscription whose frames hold messages of the middleware', () => {
  // Samples of a publisher that does not share its memory are copies that belong to the reader.
  const startCopying = () => {
    camera = startCamera({ ...endless, qos: { reliability: 'reliable' } }, withoutProfile);
  };
  const depth = { qos: { depth: 5, reliability: 'reliable', durability: 'volatile', history: 'keep_last' } };

  it('waits for them, and ends once they are back', async () => {
    startCopying();
    const peer = startHolder('stop', depth, 'reliable');
    expect(await peer.event('holding')).toMatchObject({
      loaned: [false, false, false],
      counters: { heldMessages: 3 },
    });
    expect(await peer.event('stopped')).toMatchObject({ left: 3 });
    expect(await peer.event('stopped again')).toMatchObject({ left: 0 });
    expect(await peer.exited, peer.output).toBe(0);
  });

  it.each(['exit', 'destroy', 'shutdown', 'stopNow', 'afterShutdown'])(
    'closes them under their holders when it ends by %s',
    async (action) => {
      startCopying();
      const peer = startHolder(action, depth, 'reliable');
      await peer.event('holding');
      expect(await peer.exited, peer.output).toBe(0);
      expect(peer.output).not.toContain('left behind');
      const last = peer.events.at(-1)!;
      if (action !== 'exit') expect(last).toMatchObject({ counters: { outstanding: 0, heldMessages: 0 } });
      if (action === 'stopNow') expect(last).toMatchObject({ states: ['closed', 'closed', 'closed'] });
    },
  );
});

describe('a subscription', () => {
  it('ends before any frame has come', async () => {
    const peer = startHolder('before');
    expect(await peer.event('after')).toMatchObject({ counters: { taken: 0 } });
    expect(await peer.exited).toBe(0);
  });

  it.each([
    ['ends', (peer: Peer) => peer.end(), 1],
    // Fast DDS learns of it only when the lease of the dead one ends.
    ['is killed', (peer: Peer) => peer.kill(), 2],
  ])('keeps held frames readable when the camera %s, and takes from the next one', async (_, end, mapped) => {
    // Fast DDS unmaps the memory of a publisher that goes; reading a frame then was a segmentation fault.
    camera = startCamera(endless);
    const peer = startHolder('hold');
    await peer.event('holding');
    await end(camera);
    await until(() => frameMappings(peer) === mapped);
    peer.process.stdin?.write('report\n');
    const before = (await peer.event('so far')) as unknown as { counters: { taken: number } };
    camera = startCamera({ count: 30, linger: true });
    await camera.event('sent');
    peer.process.stdin?.end();
    expect(await peer.event('after')).toMatchObject({ states: ['readable', 'readable', 'readable'] });
    const { counters } = (await peer.event('closed')) as unknown as {
      counters: { taken: number; returned: number };
    };
    expect(counters.taken).toBeGreaterThan(before.counters.taken);
    expect(counters.returned).toBe(counters.taken);
    expect(await peer.exited, peer.output).toBe(0);
  });

  it('gives forgotten frames back and tells where they came from', async () => {
    camera = startCamera(endless);
    const peer = startHolder('forget', {}, 'best_effort', ['--expose-gc']);
    const { counters } = (await peer.event('after')) as unknown as { counters: { outstanding: number } };
    expect(counters.outstanding).toBe(0);
    expect(await peer.event('forgotten')).toMatchObject({
      message: expect.stringMatching(
        /^frame \d of \/hbmem_img was never closed and has been given back late/,
      ),
    });
    expect(await peer.exited, peer.output).toBe(0);
  });

  it('leaves nothing of a camera that ended in /dev/shm', async () => {
    camera = startCamera(endless);
    // Fast DDS names segments by GUID, in which bytes 5 and 6 are the process id.
    const pid = camera.process.pid!;
    const hex = (byte: number) => (byte & 255).toString(16).padStart(2, '0');
    const ofCamera = () =>
      readdirSync('/dev/shm').filter(
        (name) =>
          name.startsWith('fast_datasharing') &&
          name.split('.').slice(4, 6).join('.') === `${hex(pid)}.${hex(pid >> 8)}`,
      );
    const peer = startHolder('stop');
    await peer.event('holding');
    expect(ofCamera()).toHaveLength(1);
    await peer.exited;
    expect(await camera.end()).toBe(0);
    expect(ofCamera()).toEqual([]);
  });
});
