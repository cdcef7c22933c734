import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { surveySharedMemory } from '#dist/files/sharedMemoryFiles.js';
import { loadPicture, repoPath } from '../support/frames.js';
import { NodeProcess, unhurried } from './support/nodeProcess.js';
import { Robot, type480, type1080 } from './support/robot.js';
import { YoloSeg } from './support/yoloSeg.js';

/** What a consumer subscribes to, and the stamps it has got, in the order of its topics. */
class Consumer {
  readonly robot = new Robot();
  readonly #topics: readonly (readonly [topic: string, type: string, options?: object])[];

  constructor(...topics: readonly (readonly [topic: string, type: string, options?: object])[]) {
    this.#topics = topics;
  }

  async start(): Promise<void> {
    await this.robot.start();
    for (const [topic, type, options] of this.#topics)
      await this.robot.do('collect', { topic, type, ...options });
  }

  async stamps(): Promise<bigint[][]> {
    const collected = (await this.robot.do('collected')) as Record<string, string[]>;
    return this.#topics.map(([topic]) => collected[topic]!.map(BigInt));
  }

  /** Resolves when frames taken after `sinceNs` have come on all topics, but for latched ones. */
  async hasSince(sinceNs: bigint): Promise<void> {
    const isLatched = this.#topics.map(([, , options]) => options !== undefined && 'durability' in options);
    for (;;) {
      const stamps = await this.stamps();
      if (stamps.every((each, i) => isLatched[i] || (each.at(-1) ?? 0n) > sinceNs)) return;
    }
  }

  async end(): Promise<void> {
    await this.robot.end();
  }
}

const rateHz = 10;
const nowNs = () => BigInt(Date.now()) * 1_000_000n;
/** Segments and ports in shared memory that no process has, on a machine where others may run, too. */
const abandoned = () => new Set(surveySharedMemory().stale.map(({ name }) => name));
const abandonedBefore = abandoned();
const cleanSharedMemory = () =>
  execFileSync(repoPath('bin/rdk-yolo-seg'), ['clean-shm'], { encoding: 'utf8' });

const tros = new Consumer(['/hobot_dnn_detection', 'ai_msgs/msg/PerceptionTargets']);
const nav2 = new Consumer(
  ['/yolo_seg/label_map', 'sensor_msgs/msg/Image'],
  ['/yolo_seg/detections', 'vision_msgs/msg/Detection2DArray'],
  ['/yolo_seg/confidence_map', 'sensor_msgs/msg/Image'],
  ['/yolo_seg/label_info', 'vision_msgs/msg/LabelInfo', { durability: 'transient_local' }],
);
const lateViewer = new Consumer(
  ['/yolo_seg/overlay', 'sensor_msgs/msg/Image'],
  ['/yolo_seg/label_info', 'vision_msgs/msg/LabelInfo', { durability: 'transient_local' }],
);
/** Reads one message a second of each topic, reliably. */
const slowViewer = new Consumer(
  ['/yolo_seg/masks', 'rdk_yolo_seg_msgs/msg/InstanceMaskArray', { pause_s: 0.5 }],
  ['/yolo_seg/label_map', 'sensor_msgs/msg/Image', { pause_s: 0.5 }],
);

/** Asks the node to be active, again and again, as a lifecycle manager does. */
const manager = new Robot();
const yoloSeg = new YoloSeg(manager);
async function bringUp(): Promise<void> {
  await yoloSeg.change('configure');
  await yoloSeg.change('activate');
}

let camera: Robot;
async function startCamera(type: string, picture: string): Promise<void> {
  camera = new Robot();
  await camera.start();
  await camera.addPicture('scene', await loadPicture('assets/scenes/scene_010.jpg'));
  await camera.startCamera({ type });
  await camera.stream(rateHz, 'front', picture);
}

let node: NodeProcess;
const startNode = () => new NodeProcess({ parameters: { autostart: false, ...unhurried } });

/** Waits until each consumer has data taken from now on, and says how long each waited. */
async function dataAgain(after: string, consumers: Readonly<Record<string, Consumer>>): Promise<void> {
  const sinceNs = nowNs();
  const waits = Object.entries(consumers).map(async ([name, consumer]) => {
    await consumer.hasSince(sinceNs);
    return `${name} ${Number(nowNs() - sinceNs) / 1e6} ms`;
  });
  console.log(`data again after ${after}: ${(await Promise.all(waits)).join(', ')}`);
}

beforeAll(async () => {
  node = startNode();
  await Promise.all([tros.start(), nav2.start(), manager.start()]);
  await startCamera(type480, 'balls');
  await bringUp();
});

afterAll(async () => {
  await node.stop();
  await Promise.all([tros, nav2, lateViewer, slowViewer, manager, camera].map((each) => each.end()));
});

describe('a robot whose camera, node and viewers come and go', () => {
  it('has data at every consumer once its lifecycle manager has brought the node up', async () => {
    await dataAgain('the start', { tros, nav2 });
  });

  it('loses nothing for those who keep up, while a viewer joins late, one is slow and a parameter changes', async () => {
    await camera.stopStream();
    await manager.diagnostics();
    const start = await settled();
    await camera.stream(rateHz, 'front', 'balls');
    await dataAgain('a pause', { tros, nav2 });
    await lateViewer.start();
    await slowViewer.start();
    await dataAgain('the viewers came', { tros, nav2, lateViewer, slowViewer });
    expect(await yoloSeg.setParameter('score_threshold', 0.35)).toMatchObject({ successful: true });
    await dataAgain('the threshold changed', { tros, nav2, lateViewer, slowViewer });
    await camera.stopStream();
    const end = await settled();

    const received = (stamps: readonly bigint[], since: number) => stamps.slice(since);
    const [targets, labelMaps, detections] = [
      received(end.targets, start.targets.length),
      received(end.labelMaps, start.labelMaps.length),
      received(end.detections, start.detections.length),
    ];
    expect(end.seen.count('frames_out') - start.seen.count('frames_out')).toBe(detections.length);
    expect(targets).toEqual(detections);
    expect(labelMaps).toEqual(detections);
    const sent = end.sent.length - start.sent.length;
    const gone = (key: string) => end.seen.count(key) - start.seen.count(key);
    expect(detections.length + gone('dropped') + gone('input.lost')).toBe(sent);
    expect((await lateViewer.stamps())[1]!.length).toBeGreaterThan(0);
    await camera.stream(rateHz, 'front', 'balls');
  });

  it('has data again after its camera was killed and came back with another size', async () => {
    camera.signal('SIGKILL');
    await camera.end();
    await startCamera(type1080, 'scene');
    await dataAgain('the camera came back', { tros, nav2, lateViewer, slowViewer });
    await manager.listen('/yolo_seg/label_map', 'sensor_msgs/msg/Image');
    await manager.next<{ width: number; height: number }>(
      '/yolo_seg/label_map',
      ({ width, height }) => width === 1920 && height === 1080,
    );
    await manager.unlisten('/yolo_seg/label_map');
  });

  it('has data again after the node was killed, started and brought up', async () => {
    const [, , , infos] = await nav2.stamps();
    node.signal('SIGKILL');
    await node.ended();
    node = startNode();
    await bringUp();
    await dataAgain('the node came back', { tros, nav2, lateViewer, slowViewer });
    expect((await nav2.stamps())[3]!.length).toBeGreaterThan(infos!.length);
  });

  it('goes on while clean-shm removes what the killed ones left', async () => {
    expect(cleanSharedMemory()).toMatch(/removed what ended processes left: [1-9]\d* files/);
    await dataAgain('clean-shm', { tros, nav2, lateViewer, slowViewer });
  });

  it('ends in its own time, the node leaving nothing in shared memory, and clean-shm nothing of all others', async () => {
    const own = node.ownSharedMemory();
    expect(own.size).toBeGreaterThan(0);
    node.signal('SIGINT');
    expect(await node.ended()).toBe(0);
    expect([...own].filter(existsSync)).toEqual([]);
    for (const each of [tros, nav2, lateViewer, slowViewer, manager, camera]) await each.end();
    cleanSharedMemory();
    expect([...abandoned()].filter((name) => !abandonedBefore.has(name))).toEqual([]);
  });
});

interface Settled {
  readonly seen: Awaited<ReturnType<Robot['diagnostics']>>;
  readonly sent: readonly string[];
  readonly targets: readonly bigint[];
  readonly labelMaps: readonly bigint[];
  readonly detections: readonly bigint[];
}

/** What was counted and received once the node has no frame in work any more. */
async function settled(): Promise<Settled> {
  let last = -1;
  const seen = await manager.diagnostics((now) => {
    const done = now.count('frames_out') + now.count('dropped');
    const stands = done === last;
    last = done;
    return stands;
  });
  const [targets] = (await tros.stamps()) as [bigint[]];
  const [labelMaps, detections] = (await nav2.stamps()) as [bigint[], bigint[]];
  const sent = (await camera.do('sent_stamps', { camera: 'front' })) as string[];
  return { seen, sent, targets, labelMaps, detections };
}
