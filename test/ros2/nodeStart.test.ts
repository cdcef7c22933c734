import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { Peer } from './support/peer.js';
import { useNodes } from './support/graph.js';
import type { NodeProcess, NodeStart } from './support/nodeProcess.js';

const folder = mkdtempSync(join(tmpdir(), 'node-start-'));
const startOne = useNodes();
let peer: Peer | null = null;

function startNode({ parameters, ...start }: NodeStart): NodeProcess {
  return startOne({ parameters: { autostart: false, ...parameters }, ...start });
}

afterEach(async () => {
  // One that was not refused would run on.
  await peer?.kill();
  peer = null;
});

afterAll(() => rmSync(folder, { recursive: true }));

const profileName =
  process.env.ROS_DISTRO === 'kilted' ? 'FASTDDS_DEFAULT_PROFILES_FILE' : 'FASTRTPS_DEFAULT_PROFILES_FILE';

/** The log once the node runs: what is found at start has been said then. */
async function logAtStart(start: NodeStart): Promise<string> {
  const started = startNode({ ...start, parameters: { autostart: true, ...start.parameters } });
  await started.logged('active: ');
  return started.log;
}

describe('a profile of Fast DDS that the user has set', () => {
  it.each<[name: string, text: string | null, told: string]>([
    [
      'nowhere.xml',
      null,
      `: the file does not exist, and Fast DDS goes on without it; correct the path, or unset ${profileName}`,
    ],
    ['cut.xml', '<dds><profiles>', ': it is not well-formed XML, and Fast DDS goes on without it'],
  ])('and that says nothing is warned of at start: %s', async (name, text, told) => {
    const path = join(folder, name);
    if (text !== null) writeFileSync(path, text);
    const log = await logAtStart({ env: { [profileName]: path } });
    const warnings = log.split('\n').filter((line) => line.startsWith('[WARN]'));
    expect(warnings.join('\n')).toContain(`[yolo_seg]: shared memory: ${profileName}=${path}${told}`);
  });
});

describe('a pipe in the place of a profile of Fast DDS', () => {
  it('is refused at start: the middleware would wait for it', async () => {
    const path = join(folder, 'pipe.xml');
    execFileSync('mkfifo', [path]);
    const refused = startNode({ env: { [profileName]: path } });
    expect(await refused.ended()).toBe(2);
    expect(refused.log).toContain(`profile: ${profileName}=${path} is a pipe, for which Fast DDS waits`);
  });
});

describe('a node whose log files cannot go to the usual place', () => {
  const elsewhere = { TMPDIR: folder, ROS_HOME: undefined, ROS_LOG_DIR: undefined };

  it.each([
    [
      'without HOME, as a service has it',
      { ...elsewhere, HOME: undefined },
      'neither HOME nor ROS_LOG_DIR is set',
    ],
    [
      'with a HOME that cannot be written',
      { ...elsewhere, HOME: '/dev/null' },
      '/dev/null/.ros/log (from HOME)',
    ],
    [
      'with such a ROS_LOG_DIR',
      { ...elsewhere, ROS_LOG_DIR: '/dev/null/log' },
      '/dev/null/log (from ROS_LOG_DIR)',
    ],
  ])('%s runs, and says in one line where they are', async (_, env, why) => {
    const log = await logAtStart({ env });
    expect(log).toContain(`log files go to ${folder}/ros-log-`);
    expect(log).toContain(why);
    expect(log.match(/log files go/g)).toHaveLength(1);
    const logFolder = readdirSync(folder).find((name) => name.startsWith('ros-log-'))!;
    expect(readdirSync(join(folder, logFolder)).length).toBeGreaterThan(0);
  });

  it('is told nothing where they can', async () => {
    const home = join(folder, 'home', 'user');
    expect(await logAtStart({ env: { ...elsewhere, HOME: home } })).not.toContain('log files go');
    expect(existsSync(join(home, '.ros', 'log'))).toBe(true);
  });
});

describe('a middleware that is not installed', () => {
  it('is refused by name with those that are, and the remedy', async () => {
    const refused = startNode({ env: { RMW_IMPLEMENTATION: 'rmw_nowhere_cpp' } });
    expect(await refused.ended()).toBe(2);
    expect(refused.log).toContain('RMW_IMPLEMENTATION is rmw_nowhere_cpp, which is not installed in ');
    expect(refused.log).toMatch(/installed: .*rmw_fastrtps_cpp.*\. Unset RMW_IMPLEMENTATION/);
  });
});

describe('what cannot take effect', () => {
  it('among the arguments is warned about with the nearest right name, and what can is not', async () => {
    const wrong = join(folder, 'wrong.yaml');
    writeFileSync(
      wrong,
      '/yolo_sge: {ros__parameters: {score_threshold: 0.5}}\ncamera: {ros__parameters: {a: 1}}\n',
    );
    const right = join(folder, 'right.yaml');
    writeFileSync(
      right,
      '/**: {yolo_seg: {ros__parameters: {score_threshold: 0.5}}}\n/other: {ros__parameters: {a: 1}}\n',
    );
    const log = await logAtStart({
      rosArguments: [
        ...['--params-file', wrong, '--params-file', right],
        ...['-p', 'yolo_sge:iou_threshold:=0.4', '-p', 'yolo_seg:iou_threshold:=0.6'],
        ...[
          '-r',
          'hbmem_image:=/front',
          '-r',
          'hbmem_img:=/rear',
          '-r',
          'yolo_seg:/hobot_dnn_detection:=/ai',
        ],
        ...[
          '-r',
          'detections:=/found',
          '-r',
          '~/masks:=/masks',
          '-r',
          '~/set_parameters:=/set',
          '-r',
          '/tf:=tf',
        ],
        ...[
          '-r',
          'camera:hbmem_img:=/x',
          '-r',
          '__ns:=/',
          '-p',
          'qos_overrides./clock.subscription.depth:=3',
        ],
      ],
    });
    const warnings = log.split('\n').filter((line) => line.includes('[WARN]'));
    const expected = [
      'qos_overrides./clock.subscription.depth changes nothing',
      `nothing in ${wrong} is for this node: it names only /yolo_sge, camera, and this node is /yolo_seg; did you mean /yolo_seg where it says /yolo_sge?`,
      '-p yolo_sge:iou_threshold:=0.4 is for a node yolo_sge, and this one is /yolo_seg',
      '-r hbmem_image:=/front changes nothing: this node has no topic or service /hbmem_image; did you mean hbmem_img?',
      '-r detections:=/found changes nothing: this node has no topic or service /detections; did you mean ~/detections?',
      '-r camera:hbmem_img:=/x is for a node camera, and this one is yolo_seg',
    ];
    for (const [i, text] of expected.entries()) expect(warnings[i]).toContain(text);
    expect(warnings.slice(expected.length).join('\n')).not.toContain('changes nothing');
    expect(log).toContain('active: /rear');
  });

  it.each([
    ['node', ['hbmem_img:=/front'], 'node does not take hbmem_img:=/front; it belongs behind --ros-args'],
    ['node', ['--ros-arg', '-p', 'a:=1'], 'node does not take --ros-arg -p a:=1; did you mean --ros-args?'],
    ['node', ['--ros-args', '--log-lvel', 'debug'], 'Unknown ROS arguments'],
    ['node', ['--ros-args', 'toString', 'x'], 'Unknown ROS arguments'],
    ['node', ['--ros-args', '-p', 'classes:=[0, person]'], 'Sequence should be of same type'],
    ['node', ['--ros-args', '--params-file', '/nowhere.yaml'], '/nowhere.yaml'],
    [
      'node',
      ['--ros-args', '-p', 'qos_overrides./yolo_seg/detection.publisher.depth:=3'],
      'did you mean qos_overrides./yolo_seg/detections.publisher.depth?',
    ],
    [
      'node',
      ['--ros-args', '-p', 'qos_overrides./hbmem_img.publisher.depth:=3'],
      'did you mean qos_overrides./hbmem_img.subscription.depth?',
    ],
    ['camera', ['--ros-args', '-p', 'rate:=5'], 'rate is unknown'],
    ['camera', ['--rates', '5'], "unknown option '--rates' (Did you mean --rate?)"],
    ['camera', ['pictures/'], 'camera does not take pictures/'],
    ['record', ['--second', '5'], "unknown option '--second' (Did you mean --seconds?)"],
  ])('%s %j ends the process with 2', async (command, args, text) => {
    peer = new Peer('bin/rdk-yolo-seg', [command, ...args]);
    expect(await peer.exited).toBe(2);
    expect(peer.output).toContain(text);
    expect(peer.output).not.toContain('    at ');
  });
});
