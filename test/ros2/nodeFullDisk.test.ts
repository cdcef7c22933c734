import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { useRobot } from './support/graph.js';
import { demoModel, NodeProcess } from './support/nodeProcess.js';
import { Peer } from './support/peer.js';
import { folderOf, onSmallDisk, whyNoSmallDisk } from '../support/smallDisk.js';
import { YoloSeg } from './support/yoloSeg.js';

const why = whyNoSmallDisk();
const skipped = why === null ? '' : ` (skipped: no file system can be mounted: ${why})`;
const folder = mkdtempSync(join(tmpdir(), 'full-disk-'));
const program = 'bin/rdk-yolo-seg';
const robot = useRobot();
const yoloSeg = new YoloSeg(robot);

// Each test starts several programs, one after the other.
vi.setConfig({ testTimeout: 180_000 });

beforeAll(async () => {
  await robot.startCamera();
  await yoloSeg.listenToDetections();
});
afterAll(() => rmSync(folder, { recursive: true }));

describe.skipIf(why !== null)(`a disk that is full${skipped}`, () => {
  it('of log files: the node that is active goes on, deactivates and ends with 0', async () => {
    const node = new NodeProcess({
      program: [...onSmallDisk(folder, 64), program],
      env: { ROS_LOG_DIR: folder },
    });
    try {
      const before = await yoloSeg.segment({}, 60_000);
      const seenByNode = folderOf(node.pid, folder);
      expect(() => writeFileSync(join(seenByNode, 'fill'), new Uint8Array(100_000))).toThrow('ENOSPC');
      expect(statfsSync(seenByNode).bavail).toBe(0);
      // Each of them is logged.
      for (let round = 0; round < 3; round++) {
        expect(await yoloSeg.change('deactivate')).toBe(true);
        expect(await yoloSeg.change('activate')).toBe(true);
        expect(await yoloSeg.segment()).toHaveLength(before.length);
      }
      node.signal('SIGINT');
      expect(await node.ended(60_000)).toBe(0);
      expect(node.log.match(/inactive: no frames are taken/g)).toHaveLength(3);
    } finally {
      await node.stop();
    }
  });

  it('of a recording: it ends at once with 2 and the cause, and the node goes on', async () => {
    const node = new NodeProcess({});
    const [command, ...words] = onSmallDisk(folder, 512);
    const recorder = new Peer(command!, [...words, program, 'record', '--out', folder]);
    try {
      await node.logged('active: ', { timeoutMs: 60_000 });
      await robot.stream(20);
      expect(await recorder.exited).toBe(2);
      expect(recorder.output).toContain(`cannot write ${folder}/demo.mcap: no space is left`);
      expect(recorder.output).not.toMatch(/ {4}at /);
      await robot.stopStream();
      expect((await yoloSeg.segment()).length).toBeGreaterThanOrEqual(4);
    } finally {
      await robot.stopStream();
      await recorder.kill();
      await node.stop();
    }
  });

  it('of shared memory: frames come as copies, the room is told with the remedy, and the node ends with 0', async () => {
    // Camera and node share the small one, which is less than Fast DDS makes for one process.
    const camera = `timeout 60 ${program} camera --source assets/evalset/images --width 640 --height 480 --rate 10 --frames 100`;
    const both = [
      'sh',
      '-c',
      `${camera} --wait-for-subscriber --ros-args -r hbmem_img:=/small > /dev/null 2>&1 & exec "$@"`,
      'sh',
      program,
    ];
    const node = new NodeProcess({
      program: [...onSmallDisk('/dev/shm', 1024), ...both],
      rosArguments: ['-r', 'hbmem_img:=/small', '-r', '__node:=small'],
      parameters: { 'input.transport': 'hbmem' },
    });
    try {
      await node.logged(
        /\[WARN\].*frames on \/small are copied: the camera does not share its memory: \/dev\/shm has \d\.\d MB of 1\.0 MB free; .*clean-shm/,
        { timeoutMs: 60_000 },
      );
      node.signal('SIGINT');
      expect(await node.ended(60_000)).toBe(0);
    } finally {
      await node.stop();
    }
  });

  it('of shared memory, to the last page: the node ends with 1 and the remedy in place of a bus error', async () => {
    const node = new NodeProcess({ program: [...onSmallDisk('/dev/shm', 4), program] });
    try {
      expect(await node.ended()).toBe(1);
      expect(node.log).toMatch(
        /^rdk-yolo-seg: shared_memory: \/dev\/shm has 0\.0 MB of 0\.0 MB free; .*clean-shm/m,
      );
    } finally {
      await node.stop();
    }
  });

  it('of the results of segment: it ends with 2 and the cause, and what is there is whole', async () => {
    const kept = join(folder, 'kept');
    const out = join(folder, 'small', 'out');
    mkdirSync(join(folder, 'small'));
    const [command, ...words] = onSmallDisk(join(folder, 'small'), 300);
    const run = [
      'sh',
      '-c',
      'dest="$0"; out="$1"; shift; "$@"; code=$?; cp -r "$out" "$dest"; exit $code',
      kept,
      out,
    ];
    const args = ['segment', 'assets/evalset/images', '--model', demoModel, '--out', out];
    const segment = new Peer(command!, [...words, ...run, program, ...args]);
    expect(await segment.exited).toBe(2);
    expect(segment.output).toMatch(/^rdk-yolo-seg: output: cannot write .*: no space is left$/m);
    const names = readdirSync(kept, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name));
    expect(names.length).toBeGreaterThan(2);
    for (const name of names) {
      if (name.endsWith('.json')) expect(JSON.parse(readFileSync(name, 'utf8'))).toHaveProperty('instances');
      else expect((await sharp(name).stats()).channels).toHaveLength(3);
    }
  });
});
