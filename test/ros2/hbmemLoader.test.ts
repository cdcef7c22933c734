import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { checkAddon, currentEnvironment, loadHbmem } from '#dist/ros2/hbmem/loader.js';
import { applySharedMemoryEnv, sharedMemoryProfilePath } from '#dist/ros2/sharedMemoryEnv.js';
import { Peer } from './support/peer.js';

describe('hbmem addon', () => {
  it('is accepted for the installed rclnodejs and the sourced ROS', () => {
    const { addon } = loadHbmem();
    expect(addon.rosDistro).toBe(process.env.ROS_DISTRO);
    expect(addon.rclnodejsVersion).toBe('2.2.0');
  });

  it.each([
    ['ROS distribution', { rosDistro: 'humble' }, /built for ROS jazzy; required humble; remedy: source ROS/],
    ['no ROS', { rosDistro: undefined }, /required none \(ROS_DISTRO is not set\)/],
    [
      'rclnodejs version',
      { rclnodejsVersion: '2.3.0' },
      /rclnodejs 2\.3\.0; required 2\.2\.0; remedy: npm ci/,
    ],
    [
      'header of rclnodejs',
      { rclHandleSha256: 'abc' },
      /rcl_handle\.h with SHA-256 abc; required [0-9a-f]{64}/,
    ],
  ])('is refused for another %s', (_, difference, message) => {
    const environment = { ...currentEnvironment(), rosDistro: 'jazzy', ...difference };
    const addon = { ...loadHbmem().addon, rosDistro: 'jazzy' };
    expect(() => checkAddon(addon, environment)).toThrowError(message);
  });

  it('refuses a file of another distribution under the right name', async () => {
    // A file renamed by hand is the mistake that the name alone would not catch.
    const bin = new URL('../../native/bin/', import.meta.url).pathname;
    const fileOf = (distro: string) =>
      join(
        bin,
        `hbmem-${distro}-${process.platform}-${process.arch}${process.env.RDK_ADDON_SUFFIX ?? ''}.node`,
      );
    const made = fileOf('testdistro');
    copyFileSync(fileOf(process.env.ROS_DISTRO!), made);
    try {
      const script = `import('#dist/ros2/hbmem/loader.js').then(({ loadHbmem }) => loadHbmem()).catch((error) => console.log(error.message))`;
      const peer = new Peer(process.execPath, ['--input-type=module', '-e', script], {
        ROS_DISTRO: 'testdistro',
      });
      await peer.exited;
      expect(peer.output).toMatch(/found a binary built for ROS \w+; required testdistro/);
    } finally {
      rmSync(made);
    }
  });

  it('names the file it misses', async () => {
    const script = `import('#dist/ros2/hbmem/loader.js').then(({ loadHbmem }) => loadHbmem()).catch((error) => console.log(error.message))`;
    const peer = new Peer(process.execPath, ['--input-type=module', '-e', script], { ROS_DISTRO: 'foxy' });
    await peer.exited;
    expect(peer.output).toMatch(/required .*hbmem-foxy-linux-[\w-]+\.node .*remedy: npm run setup/);
  });
});

describe('shared-memory variables', () => {
  const names = [
    'FASTRTPS_DEFAULT_PROFILES_FILE',
    'RMW_FASTRTPS_USE_QOS_FROM_XML',
    'ROS_DISABLE_LOANED_MESSAGES',
  ];
  const folder = mkdtempSync(join(tmpdir(), 'hbmem-'));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('are set where unset, and told', () => {
    const env: NodeJS.ProcessEnv = {};
    const { enabled, log } = applySharedMemoryEnv(env);
    expect(enabled).toBe(true);
    expect(names.map((name) => env[name])).toEqual([sharedMemoryProfilePath(env), '1', '0']);
    expect(log.join('\n')).toContain('set ROS_DISABLE_LOANED_MESSAGES=0');
  });

  it.each([
    ['jazzy', ['FASTRTPS_DEFAULT_PROFILES_FILE', 'FASTDDS_DEFAULT_PROFILES_FILE']],
    ['kilted', ['FASTDDS_DEFAULT_PROFILES_FILE']],
    ['', ['FASTRTPS_DEFAULT_PROFILES_FILE', 'FASTDDS_DEFAULT_PROFILES_FILE']],
  ])('name the profile as the Fast DDS of "%s" reads it, which warns of other names', (distro, expected) => {
    const env: NodeJS.ProcessEnv = { ROS_DISTRO: distro };
    applySharedMemoryEnv(env);
    expect(Object.keys(env).filter((name) => name.endsWith('_DEFAULT_PROFILES_FILE'))).toEqual(expected);
  });

  it.each([
    { ROS_AUTOMATIC_DISCOVERY_RANGE: 'SUBNET', ROS_LOCALHOST_ONLY: '' },
    { ROS_AUTOMATIC_DISCOVERY_RANGE: 'LOCALHOST', ROS_LOCALHOST_ONLY: '' },
    { ROS_AUTOMATIC_DISCOVERY_RANGE: '', ROS_LOCALHOST_ONLY: '1' },
  ])('give a participant 8 MiB of shared memory for messages of no fixed size: %j', async (range) => {
    const script = `
      const { applySharedMemoryEnv } = await import('#dist/ros2/sharedMemoryEnv.js');
      applySharedMemoryEnv();
      const { createNode, initRcl, shutdownRcl } = await import('#dist/ros2/rcl/rcl.js');
      await initRcl([]);
      const node = createNode('segment_test');
      const { readFileSync, statSync } = await import('node:fs');
      const maps = readFileSync('/proc/self/maps', 'utf8').match(/\\/dev\\/shm\\/fast(?:rtps|dds)_\\S+/g);
      const bytes = Math.max(...maps.map((path) => statSync(path).size));
      console.log(JSON.stringify({ event: 'segment', bytes }));
      node.destroy();
      shutdownRcl();`;
    const unset = Object.fromEntries(['FASTDDS_DEFAULT_PROFILES_FILE', ...names].map((name) => [name, '']));
    const peer = new Peer(process.execPath, ['--input-type=module', '-e', script], { ...unset, ...range });
    const { bytes } = await peer.event('segment');
    expect(bytes).toBeGreaterThanOrEqual(8 * 1024 * 1024);
    expect(await peer.exited).toBe(0);
  });

  it('are left where the user has set them, and what that costs is told', () => {
    const env: NodeJS.ProcessEnv = {
      FASTRTPS_DEFAULT_PROFILES_FILE: '/mine.xml',
      ROS_DISABLE_LOANED_MESSAGES: '1',
    };
    const { enabled, log } = applySharedMemoryEnv(env);
    expect(enabled).toBe(false);
    expect(env.FASTRTPS_DEFAULT_PROFILES_FILE).toBe('/mine.xml');
    expect(env.FASTDDS_DEFAULT_PROFILES_FILE).toBeUndefined();
    expect(log.join('\n')).toMatch(
      /left FASTRTPS_DEFAULT_PROFILES_FILE=\/mine\.xml[\s\S]*left ROS_DISABLE_LOANED_MESSAGES=1[\s\S]*off/,
    );
  });

  it('are of no use for another middleware', () => {
    const env: NodeJS.ProcessEnv = { RMW_IMPLEMENTATION: 'rmw_cyclonedds_cpp' };
    expect(applySharedMemoryEnv(env).enabled).toBe(false);
    expect(env.ROS_DISABLE_LOANED_MESSAGES).toBeUndefined();
  });

  it('reach C code: setting process.env changes what getenv sees', async () => {
    // Fast DDS complains about a profile file that it cannot read only if it saw the variable.
    const script = `
      process.env.FASTRTPS_DEFAULT_PROFILES_FILE = '${join(folder, 'none.xml')}';
      const { createNode, initRcl, shutdownRcl } = await import('#dist/ros2/rcl/rcl.js');
      await initRcl([]);
      const node = createNode('env_test');
      node.destroy();
      shutdownRcl();`;
    const peer = new Peer(process.execPath, ['--input-type=module', '-e', script], {});
    expect(await peer.exited).toBe(0);
    expect(peer.output).toContain('XMLPARSER');
  });
});
