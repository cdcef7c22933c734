import { afterAll, afterEach, beforeAll } from 'vitest';
import type { FrameError, TransportError } from '#dist/core/errors.js';
import type {
  HbmemCallbacks,
  HbmemSubscription,
  HbmemSubscriptionOptions,
} from '#dist/ros2/hbmem/subscription.js';
import type { RosNode } from '#dist/ros2/rcl/rosNode.js';
import { applySharedMemoryEnv } from '#dist/ros2/sharedMemoryEnv.js';
import { fillPattern } from '../peers/pattern.mjs';
import { type Peer, startCamera, until } from './peer.js';

const type480 = 'hbm_img_msgs/msg/HbmMsg480P';

/** The part of the package under test, imported after the variables it needs are set. */
export async function loadRos() {
  applySharedMemoryEnv();
  const rcl = await import('#dist/ros2/rcl/rcl.js');
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

  onRemark(message: string): void {
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

/** A node in the test's process that takes frames, with one subscription and one camera for each test. */
export class Intake {
  #node: RosNode | null = null;
  #end: () => void = () => {};
  #subscription: HbmemSubscription | null = null;
  #camera: Peer | null = null;

  get node(): RosNode {
    return this.#node!;
  }

  async start(name: string): Promise<void> {
    const { createNode, initRcl, shutdownRcl } = await loadRos();
    await initRcl([]);
    this.#node = createNode(name);
    this.#end = shutdownRcl;
  }

  /** Subscribes to what the test camera sends by default. */
  async subscribe(
    recorder: HbmemCallbacks,
    options: Partial<HbmemSubscriptionOptions> = {},
  ): Promise<HbmemSubscription> {
    this.#subscription = await subscribe(this.node, recorder, options);
    return this.#subscription;
  }

  startCamera(...args: Parameters<typeof startCamera>): Peer {
    return this.adopt(startCamera(...args));
  }

  /** Ends this camera after the test. */
  adopt(camera: Peer): Peer {
    this.#camera = camera;
    return camera;
  }

  /**
   * Starts a camera and waits until the node's graph shows its publisher. Who subscribes then hears its first frame:
   * the publisher is matched before it can see the subscription. The other way round the camera may see the
   * subscription and send before this process has matched the camera, and what is sent in between is lost.
   */
  async startCameraInGraph(options: object): Promise<Peer> {
    const publishers = () => this.node.publishersOf(this.node.resolveTopic('hbmem_img')).length;
    // The publisher of a camera that has just ended stays in the graph for a moment.
    await until(
      () => publishers() === 0,
      20_000,
      () => 'an earlier camera is still in the graph',
    );
    const camera = this.startCamera(options);
    await until(
      () => publishers() === 1,
      20_000,
      () => `the graph never showed the camera: ${camera.output}`,
    );
    return camera;
  }

  async endTest(): Promise<void> {
    await this.#camera?.end();
    this.#subscription?.stopNow();
    this.#camera = null;
    this.#subscription = null;
  }

  end(): void {
    this.#node?.destroy();
    this.#end();
  }
}

/** An intake for the tests of a file. */
export function useIntake(name: string): Intake {
  const intake = new Intake();
  beforeAll(() => intake.start(name));
  afterEach(() => intake.endTest());
  afterAll(() => intake.end());
  return intake;
}
