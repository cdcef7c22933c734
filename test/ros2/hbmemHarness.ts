import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { FrameError, TransportError } from '#dist/core/errors.js';
import type { HbmemCallbacks, HbmemSubscriptionOptions } from '#dist/ros2/hbmem/subscription.js';
import type { RosNode } from '#dist/ros2/rcl.js';
import { applySharedMemoryEnv } from '#dist/ros2/sharedMemoryEnv.js';
import { fillPattern } from './peers/pattern.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));

export interface PeerEvent {
  readonly event: string;
  readonly [key: string]: unknown;
}

/** A process of a test; ends with the test at the latest. */
export class Peer {
  readonly process: ChildProcess;
  readonly events: PeerEvent[] = [];
  readonly exited: Promise<number | NodeJS.Signals>;
  output = '';

  constructor(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.process = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    // A peer that has ended already cannot be told to end.
    this.process.stdin?.on('error', () => {});
    createInterface({ input: this.process.stdout! }).on('line', (line) => {
      if (line.startsWith('{')) this.events.push(JSON.parse(line) as PeerEvent);
      this.output += `${line}\n`;
    });
    this.process.stderr?.on('data', (text: Buffer) => {
      this.output += text.toString();
    });
    this.exited = new Promise((resolve) => {
      this.process.on('close', (code, signal) => resolve(code ?? signal ?? -1));
    });
  }

  async event(name: string, timeoutMs = 20_000): Promise<PeerEvent> {
    const find = () => this.events.find(({ event }) => event === name);
    await until(
      () => find() !== undefined,
      timeoutMs,
      () => `peer never said ${name}: ${this.output}`,
    );
    return find()!;
  }

  /** Lets the peer end in its own way; one that does not is killed, which leaves its shared memory behind. */
  async end(timeoutMs = 5000): Promise<number | NodeJS.Signals> {
    this.process.stdin?.end();
    const timer = setTimeout(() => this.process.kill('SIGKILL'), timeoutMs);
    const result = await this.exited;
    clearTimeout(timer);
    return result;
  }

  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.exited;
  }
}

export async function until(
  condition: () => boolean,
  timeoutMs = 10_000,
  explain: () => string = () => 'condition',
): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > deadlineMs) throw new Error(`timeout after ${timeoutMs} ms: ${explain()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The camera of peers/camera.mjs. */
export function startCamera(options: object, env: NodeJS.ProcessEnv = {}): Peer {
  return new Peer(process.execPath, ['test/ros2/peers/camera.mjs', JSON.stringify(options)], env);
}

/**
 * Starts the camera and waits until the node's graph shows its publisher. Who subscribes then hears its first frame:
 * the publisher is matched before it can see the subscription. The other way round the camera may see the subscription
 * and send before this process has matched the camera, and what is sent in between is lost.
 */
export async function startCameraSeenBy(node: RosNode, options: object): Promise<Peer> {
  const publishers = () => node.publishersOf(node.resolveTopic('hbmem_img')).length;
  // The publisher of a camera that has just ended stays in the graph for a moment.
  await until(
    () => publishers() === 0,
    20_000,
    () => 'an earlier camera is still in the graph',
  );
  const camera = startCamera(options);
  await until(
    () => publishers() === 1,
    20_000,
    () => `the graph never showed the camera: ${camera.output}`,
  );
  return camera;
}

const type480 = 'hbm_img_msgs/msg/HbmMsg480P';

/** The part of the package under test, imported after the variables it needs are set. */
export async function loadRos() {
  applySharedMemoryEnv();
  const rcl = await import('#dist/ros2/rcl.js');
  const subscription = await import('#dist/ros2/hbmem/subscription.js');
  return { ...rcl, ...subscription };
}

export type Lease = Parameters<HbmemCallbacks['onFrame']>[0];

/** What a subscription reported, and the subscription. */
export class Recorder implements HbmemCallbacks {
  readonly rejected: FrameError[] = [];
  readonly errors: TransportError[] = [];
  readonly policies: string[] = [];
  readonly forgotten: string[] = [];
  readonly indices: number[] = [];
  readonly layouts: string[] = [];
  superseded = 0;
  #handle: (lease: Lease) => void = (lease) => lease.close();

  /** Replaces what happens to the frames; without it each is closed at once. */
  each(handle: (lease: Lease) => void): void {
    this.#handle = handle;
  }

  onFrame(lease: Lease): void {
    this.indices.push(lease.index);
    this.#handle(lease);
  }

  onRejected(error: FrameError): void {
    this.rejected.push(error);
  }

  onSuperseded(count: number): void {
    this.superseded += count;
  }

  onOddLayout(message: string): void {
    this.layouts.push(message);
  }

  onIncompatibleQos(policy: string): void {
    this.policies.push(policy);
  }

  onError(error: TransportError): void {
    this.errors.push(error);
  }

  onForgotten(message: string): void {
    this.forgotten.push(message);
  }
}

/** Subscribes to what the test camera sends by default. */
export async function subscribe(
  node: RosNode,
  recorder: HbmemCallbacks,
  options: Partial<HbmemSubscriptionOptions> = {},
) {
  const { HbmemSubscription, defaultHbmemQos } = await loadRos();
  return new HbmemSubscription(
    node,
    { topic: 'hbmem_img', type: type480, qos: defaultHbmemQos, frameId: 'camera', ...options },
    recorder,
  );
}

/** True where the frame is what the camera sent under its index. */
export function isIntact(lease: Lease): boolean {
  const expected = new Uint8Array((lease.header.widthPx * lease.header.heightPx * 3) / 2);
  fillPattern(expected, lease.index);
  return lease.borrowBytes((bytes) => Buffer.compare(bytes.subarray(0, expected.length), expected) === 0);
}
