import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { ModelInfo, SessionOptions } from '#dist/core/ports.js';
import type { HbmemInputOptions } from '#dist/ros2/hbmemInput.js';
import type { CameraInput } from '#dist/ros2/intake.js';
import { YoloSegNode } from '#dist/ros2/node.js';
import { FakeFrame, FakeSession, settle } from '../pipeline/fakes.js';
import { thingsAsInstances } from '../tracking/scenes.js';
import { FakeRos } from './fakeRos.js';

/** A node for each test, on a graph, a model and cameras that the test drives: what is exported is that of the running test. */

export class ModelSession extends FakeSession {
  override readonly model = {
    path: 'unset',
    name: 'unset',
    backend: 'fake',
    inputWidthPx: 64,
    inputHeightPx: 64,
    classNames: ['person', 'bicycle', 'car'],
    outputs: [],
    headForm: 'fake heads',
  } as ModelInfo;
  closed = 0;

  constructor(path: string) {
    super();
    const isNameless = path.startsWith('nameless');
    const classNames = isNameless ? ['class 0', 'class 1'] : this.model.classNames;
    this.model = { ...this.model, path, classNames };
  }

  /** Finds one thing, and one that is below the usual threshold. */
  override async run(...args: Parameters<FakeSession['run']>) {
    const instances = thingsAsInstances([
      { x: 5, y: 5 },
      { x: 5, y: 40, score: 0.2 },
    ]);
    return { ...(await super.run(...args)), instances };
  }

  override async close(): Promise<void> {
    this.closed++;
  }
}

/** A camera that the test drives. */
export class FakeInput implements CameraInput {
  readonly topic: string;
  warning: string | null = null;
  readonly counters = {
    loaned: 0,
    copied: 0,
    taken: 0,
    returned: 0,
    supersededNative: 0,
    lost: 0,
    takeErrors: 0,
  };
  isStopped = false;

  constructor(readonly options: HbmemInputOptions) {
    this.topic = `/${options.topicName}`;
  }

  stop(): void {
    this.isStopped = true;
  }
}

interface Status {
  readonly level: number;
  readonly message: string;
}

export const text = (value: string) => ({ type: 4, string_value: value });
export const texts = (value: string[]) => ({ type: 9, string_array_value: value });
export const number = (value: number) => ({ type: 3, double_value: value });

/** Where the message packages of the outputs are said to be. */
let prefix: string;
const ownPrefixes = process.env.AMENT_PREFIX_PATH;

export let ros: FakeRos;
export let node: YoloSegNode;
export let sessions: ModelSession[];
export let inputs: FakeInput[];
/** What opening a session or an input throws instead; null for nothing. */
export const refusals = { session: null as Error | null, input: (): Error | null => null };

beforeAll(() => {
  prefix = mkdtempSync(join(tmpdir(), 'node-test-'));
  const index = join(prefix, 'share', 'ament_index', 'resource_index', 'rosidl_interfaces');
  mkdirSync(index, { recursive: true });
  writeFileSync(join(index, 'vision_msgs'), 'msg/Detection2DArray.msg\n');
  writeFileSync(join(index, 'ai_msgs'), 'msg/PerceptionTargets.msg\n');
  writeFileSync(join(index, 'sensor_msgs'), 'msg/Image.msg\nmsg/CompressedImage.msg\n');
  process.env.AMENT_PREFIX_PATH = prefix;
});

afterAll(() => {
  if (ownPrefixes === undefined) delete process.env.AMENT_PREFIX_PATH;
  else process.env.AMENT_PREFIX_PATH = ownPrefixes;
  rmSync(prefix, { recursive: true });
});

export function start(overrides: Readonly<Record<string, unknown>> = { 'model.path': 'first.onnx' }): void {
  sessions = [];
  inputs = [];
  refusals.session = null;
  refusals.input = () => null;
  ros = new FakeRos(overrides);
  node = new YoloSegNode(ros.node, {
    sharedMemoryOffBy: [],
    openSession: (_backend, { modelPath }: SessionOptions) => {
      if (refusals.session !== null) throw refusals.session;
      const session = new ModelSession(modelPath);
      sessions.push(session);
      return session;
    },
    openInput: (_ros, options) => {
      const error = refusals.input();
      if (error !== null) throw error;
      const input = new FakeInput(options);
      inputs.push(input);
      return input;
    },
  });
}

beforeEach(() => start());

afterEach(() => node.close());

/** The last diagnostics, sent by the node's end at the latest. */
export async function finalStatus(): Promise<Status> {
  await node.close();
  const { messages } = ros.publishers.find(({ topic }) => topic === '/diagnostics')!;
  return (messages.at(-1) as { readonly status: readonly Status[] }).status[0]!;
}

/** Lets the active node take one frame up to its inference. */
export async function startFrame(sequence: number): Promise<ModelSession> {
  const session = sessions.at(-1)!;
  inputs.at(-1)!.options.onFrame(new FakeFrame(sequence));
  await settle();
  session.preparing.get(sequence)!.resolve();
  await settle();
  return session;
}
