import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BackendError, ModelContractError, TransportError } from '#dist/core/errors.js';
import type { ModelInfo, SessionOptions } from '#dist/core/ports.js';
import type { HbmemInputOptions } from '#dist/ros2/hbmemInput.js';
import { readDetections } from '#dist/messages/read.js';
import type { CameraInput } from '#dist/ros2/intake.js';
import { YoloSegNode } from '#dist/ros2/node.js';
import { foxgloveMessage } from '../messages/foxglove.js';
import { FakeFrame, FakeSession, settle } from '../pipeline/fakes.js';
import { thingsAsInstances } from '../tracking/scenes.js';
import { FakeRos } from './fakeRos.js';

/** A session on a model of three classes that counts its closings. */
class ModelSession extends FakeSession {
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
class FakeInput implements CameraInput {
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

const text = (value: string) => ({ type: 4, string_value: value });
const texts = (value: string[]) => ({ type: 9, string_array_value: value });
const number = (value: number) => ({ type: 3, double_value: value });

/** Where the message packages of the outputs are said to be. */
let prefix: string;
const ownPrefixes = process.env.AMENT_PREFIX_PATH;

let ros: FakeRos;
let node: YoloSegNode;
let sessions: ModelSession[];
let inputs: FakeInput[];
/** What opening a session or the input throws instead. */
let sessionError: Error | null;
let inputError: Error | null;
let inputErrorAt: () => Error | null;

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

function start(overrides: Readonly<Record<string, unknown>> = { 'model.path': 'first.onnx' }): void {
  sessions = [];
  inputs = [];
  sessionError = null;
  inputError = null;
  inputErrorAt = () => null;
  ros = new FakeRos(overrides);
  node = new YoloSegNode(ros.node, {
    sharedMemoryOffBy: [],
    openSession: (_backend, { modelPath }: SessionOptions) => {
      if (sessionError !== null) throw sessionError;
      const session = new ModelSession(modelPath);
      sessions.push(session);
      return session;
    },
    openInput: (_ros, options) => {
      const error = inputError ?? inputErrorAt();
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
async function finalStatus(): Promise<Status> {
  await node.close();
  const { messages } = ros.publishers.find(({ topic }) => topic === '/diagnostics')!;
  return (messages.at(-1) as { readonly status: readonly Status[] }).status[0]!;
}

/** Lets the active node take one frame up to its inference. */
async function startFrame(sequence: number): Promise<ModelSession> {
  const session = sessions.at(-1)!;
  inputs.at(-1)!.options.onFrame(new FakeFrame(sequence));
  await settle();
  session.preparing.get(sequence)!.resolve();
  await settle();
  return session;
}

describe('configure', () => {
  it('opens the model and the outputs, and no input', () => {
    ros.configure();
    expect(ros.state).toBe('inactive');
    expect(sessions.map(({ model }) => model.path)).toEqual(['first.onnx']);
    expect(ros.open('/yolo_seg/detections')).toHaveLength(1);
    expect(inputs).toEqual([]);
  });

  it('warns of classes that nobody names, and says how they are named', () => {
    const warnings = () => ros.logged.filter((line) => line.startsWith('warn: classes'));
    ros.configure();
    expect(warnings()).toEqual([]);
    start({ 'model.path': 'nameless.onnx' });
    ros.configure();
    expect(warnings()).toEqual([
      expect.stringMatching(
        /^warn: classes: nobody names them, so they are class 0, .*class_names in NAME\.yaml.*coco/,
      ),
    ]);
  });

  it('refuses a file of class names by the name of the parameter', async () => {
    start({ 'model.path': 'first.onnx', 'model.class_names': ['./package.json'] });
    ros.configure();
    expect(await finalStatus()).toMatchObject({
      level: 2,
      message: expect.stringContaining(
        'model.class_names is ["./package.json"]: it is a file; expected names, or coco. A list with one name a line is read beside the model, as NAME.names.',
      ),
    });
    expect(sessions).toEqual([]);
  });

  it('that fails leaves nothing, keeps the reason for the diagnostics and says how to go on', async () => {
    sessionError = new ModelContractError('missing', 'first.onnx is not there');
    ros.configure();
    expect(ros.state).toBe('unconfigured');
    expect(ros.open('/yolo_seg/detections')).toEqual([]);
    expect(ros.logged.at(-1)).toBe(
      'info: to try again: correct the parameter (rdk-yolo-seg parameters lists them) and start the node again',
    );
    expect(await finalStatus()).toMatchObject({
      level: 2,
      message: expect.stringContaining('configure failed: missing: first.onnx is not there'),
    });
  });

  it('that is refused one publisher leaves none and closes the model', async () => {
    ros.refusedTopic = '/hobot_dnn_detection';
    ros.configure();
    expect(ros.state).toBe('unconfigured');
    expect(ros.logged).toContain('error: configure failed: publisher: no /hobot_dnn_detection');
    expect(ros.open('/yolo_seg/detections')).toEqual([]);
    await settle();
    expect(sessions[0]!.closed).toBe(1);
  });

  it('closes a model that lacks a class of the filter', async () => {
    start({ 'model.path': 'first.onnx', classes: ['dog'] });
    ros.configure();
    expect(ros.state).toBe('unconfigured');
    await settle();
    expect(sessions.map(({ closed }) => closed)).toEqual([1]);
  });
});

describe('activate', () => {
  it('makes an input whose frames are published', async () => {
    ros.configure();
    ros.activate();
    const [detections] = ros.open('/yolo_seg/detections');
    detections!.subscriptions = 1;
    const session = await startFrame(0);
    session.running.get(0)!.resolve();
    await settle();
    expect(detections!.raw).toHaveLength(1);
  });

  it('that gets no input leaves the node inactive, and works once it gets one', () => {
    ros.configure();
    inputError = new TransportError('native', 'no topic');
    ros.activate();
    expect(ros.state).toBe('inactive');
    expect(ros.logged).toContain('error: activate failed: native: no topic');
    inputError = null;
    ros.activate();
    expect(ros.state).toBe('active');
    expect(sessions).toHaveLength(1);
  });
});

describe('deactivate', () => {
  it('ends the input, its warning and what is in work', async () => {
    ros.configure();
    ros.activate();
    const [detections] = ros.open('/yolo_seg/detections');
    detections!.subscriptions = 1;
    const session = await startFrame(0);
    inputs[0]!.warning = 'no publisher';
    ros.deactivate();
    session.running.get(0)!.resolve();
    await settle();
    expect(inputs[0]!.isStopped).toBe(true);
    expect(detections!.raw).toEqual([]);
    expect(await finalStatus()).toEqual(expect.objectContaining({ level: 0, message: 'inactive' }));
  });

  it('is followed by a new input at the next activation', () => {
    ros.configure();
    ros.activate();
    ros.deactivate();
    ros.activate();
    expect(inputs.map(({ isStopped }) => isStopped)).toEqual([true, false]);
    expect(sessions).toHaveLength(1);
  });
});

describe('cleanup', () => {
  it('closes the model and the outputs', async () => {
    ros.configure();
    ros.cleanup();
    await settle();
    expect(sessions[0]!.closed).toBe(1);
    expect(ros.open('/yolo_seg/detections')).toEqual([]);
  });
});

describe('the end of the node', () => {
  it.each(['unconfigured', 'inactive', 'active'])('closes what there is while %s', async (state) => {
    if (state !== 'unconfigured') ros.configure();
    if (state === 'active') ros.activate();
    await node.close();
    expect(sessions.map(({ closed }) => closed)).toEqual(state === 'unconfigured' ? [] : [1]);
    expect(inputs.map(({ isStopped }) => isStopped)).toEqual(state === 'active' ? [true] : []);
    expect(ros.open('/yolo_seg/detections')).toEqual([]);
  });
});

describe('a live parameter', () => {
  it('holds for the next frame', async () => {
    ros.configure();
    ros.activate();
    expect(ros.set('score_threshold', number(0.5))).toBe('');
    const session = await startFrame(0);
    expect(session.optionsSeen.at(-1)!.scoreThreshold).toBe(0.5);
  });

  it('that the loaded model cannot follow is refused and changes nothing', async () => {
    ros.configure();
    ros.activate();
    expect(ros.set('classes', texts(['dog']))).toMatch(/classes names "dog"; the model has 3 classes/);
    expect(ros.set('classes', texts(['car']))).toBe('');
    const session = await startFrame(0);
    expect(session.optionsSeen.at(-1)!.classes).toEqual([2]);
  });
});

describe('tracking', () => {
  const on = { type: 1, bool_value: true };
  const off = { type: 1, bool_value: false };

  /** The ids in the detections of the next frame. */
  async function idsOf(sequence: number): Promise<string[]> {
    const [detections] = ros.open('/yolo_seg/detections');
    detections!.subscriptions = 1;
    const session = await startFrame(sequence);
    session.running.get(sequence)!.resolve();
    await settle();
    return readDetections(detections!.raw.at(-1)!).detections.map(({ id }) => id);
  }

  it('is switched live: scores down to low_score are asked for, and nothing below the threshold gets out', async () => {
    ros.configure();
    ros.activate();
    expect(await idsOf(0)).toEqual(['0_1']);
    expect(ros.set('tracking.enabled', on)).toBe('');
    expect(await idsOf(1)).toEqual(['1']);
    expect(sessions[0]!.optionsSeen.map(({ scoreThreshold }) => scoreThreshold)).toEqual([0.25, 0.1]);
    // This one is started for tracking, and comes out without.
    const session = await startFrame(2);
    expect(ros.set('tracking.enabled', off)).toBe('');
    session.running.get(2)!.resolve();
    await settle();
    expect(readDetections(ros.open('/yolo_seg/detections')[0]!.raw.at(-1)!).detections).toHaveLength(1);
    expect(await idsOf(3)).toEqual(['0_1']);
    expect(session.optionsSeen.at(-1)!.scoreThreshold).toBe(0.25);
    expect(ros.set('tracking.enabled', on)).toBe('');
    expect(await idsOf(4)).toEqual(['2']);
  });

  it('gives no id again: not after a deactivation, nor of another model', async () => {
    start({ 'model.path': 'first.onnx', 'tracking.enabled': true });
    ros.configure();
    ros.activate();
    expect([await idsOf(0), await idsOf(1)]).toEqual([['1'], ['1']]);
    ros.deactivate();
    ros.activate();
    expect(await idsOf(2)).toEqual(['2']);
    ros.deactivate();
    expect(ros.set('model.path', text('second.onnx'))).toBe('');
    ros.activate();
    expect(await idsOf(3)).toEqual(['3']);
  });

  /** The tracks that the last message of TROS tells to have ended. */
  function disappeared(): string[] {
    const cdr = ros.open('/hobot_dnn_detection')[0]!.raw.at(-1)!;
    const { disappeared_targets: targets } = foxgloveMessage<{
      disappeared_targets: { type: string; track_id: bigint }[];
    }>('ai_msgs/msg/PerceptionTargets', cdr);
    return targets.map(({ type, track_id }) => `${track_id} ${type}`);
  }

  it.each([
    ['a model that takes its place while inactive', () => {}, 'true'],
    ['a model that is loaded after a cleanup', () => ros.cleanup(), 'true'],
    ['a model that follows nothing', () => ros.set('tracking.enabled', off), 'false'],
  ])('that ends with its model is told once by %s, by the name it had', async (_, between, isOn) => {
    start({ 'model.path': 'first.onnx', 'tracking.enabled': true });
    ros.configure();
    ros.activate();
    ros.open('/hobot_dnn_detection')[0]!.subscriptions = 1;
    await idsOf(0);
    expect(disappeared()).toEqual([]);
    ros.deactivate();
    between();
    expect(ros.set('model.path', text('nameless.onnx'))).toBe('');
    if (ros.state === 'unconfigured') ros.configure();
    ros.activate();
    ros.open('/hobot_dnn_detection')[0]!.subscriptions = 1;
    expect(await idsOf(1)).toEqual(isOn === 'true' ? ['2'] : ['0_1']);
    expect(disappeared()).toEqual(['1 person']);
    await idsOf(2);
    expect(disappeared()).toEqual([]);
  });
});

describe('input.max_rate_hz', () => {
  it.each([
    [0n, 'have no stamps'],
    [7n, 'all have one stamp'],
  ])(
    'takes frames by their coming where stamps stand still at %s, and says so once',
    async (stampNs, why) => {
      start({ 'model.path': 'first.onnx', 'input.max_rate_hz': 5 });
      ros.configure();
      ros.activate();
      const [input] = inputs;
      const frames = Array.from(
        { length: 61 },
        (_, index) => new FakeFrame(index, (index * 1000) / 30, stampNs),
      );
      for (const frame of frames) input!.options.onFrame(frame);
      await settle();
      ros.deactivate();
      for (const gate of sessions[0]!.preparing.values()) gate.resolve();
      const { values } = (await finalStatus()) as unknown as { values: { key: string; value: string }[] };
      // Two seconds at 5 Hz; the first one, and half of one that is saved up.
      expect(Number(values.find(({ key }) => key === 'dropped.thinned')!.value)).toBe(61 - 11);
      const told = ros.logged.filter((line) => line.includes('input.max_rate_hz'));
      expect(told).toEqual([
        `warn: frames on /hbmem_img ${why}: input.max_rate_hz goes by the times at which they come`,
      ]);
    },
  );
});

describe('another model', () => {
  it('is refused while frames are taken', () => {
    ros.configure();
    ros.activate();
    expect(ros.set('model.path', text('second.onnx'))).toMatch(/deactivate the node first/);
    expect(sessions).toHaveLength(1);
  });

  it('is only noted before there is one', () => {
    expect(ros.set('model.path', text('second.onnx'))).toBe('');
    expect(sessions).toEqual([]);
    ros.configure();
    expect(sessions.map(({ model }) => model.path)).toEqual(['second.onnx']);
  });

  it('takes the place of the one before, which is closed, behind the same outputs', async () => {
    ros.configure();
    const [detections] = ros.open('/yolo_seg/detections');
    expect(ros.set('model.path', text('second.onnx'))).toBe('');
    await settle();
    expect(sessions.map(({ closed }) => closed)).toEqual([1, 0]);
    expect(ros.open('/yolo_seg/detections')).toEqual([detections]);
    ros.activate();
    const session = await startFrame(0);
    expect(session.model.path).toBe('second.onnx');
  });

  it('that cannot be loaded leaves the one before', async () => {
    ros.configure();
    sessionError = new ModelContractError('missing', 'second.onnx is not there');
    expect(ros.set('model.path', text('second.onnx'))).toMatch(
      /second.onnx is not there; first.onnx stays loaded/,
    );
    sessionError = null;
    ros.activate();
    const session = await startFrame(0);
    expect([session.model.path, session.closed]).toEqual(['first.onnx', 0]);
  });
});

describe('a dead session', () => {
  it('takes the node back to unconfigured, where the reason stays until it is configured again', async () => {
    ros.configure();
    ros.activate();
    const session = await startFrame(0);
    session.running.get(0)!.reject(new BackendError('bpu_dead', 'the BPU is given up'));
    await settle();
    expect(ros.state).toBe('unconfigured');
    expect([inputs[0]!.isStopped, session.closed]).toEqual([true, 1]);
    expect(ros.open('/yolo_seg/detections')).toEqual([]);
    const died = 'inference failed: bpu_dead: the BPU is given up';
    expect(ros.logged.filter((line) => line.startsWith('error:'))).toEqual([
      `error: ${died}; deactivating; to reload the model: start the node again`,
    ]);
    expect(await finalStatus()).toMatchObject({ level: 2, message: died });
  });

  it('is forgotten once the model is loaded again', async () => {
    ros.configure();
    ros.activate();
    const session = await startFrame(0);
    session.running.get(0)!.reject(new BackendError('bpu_dead', 'the BPU is given up'));
    await settle();
    ros.configure();
    ros.activate();
    expect(await finalStatus()).toMatchObject({ level: 0, message: 'active' });
  });
});

describe('enabled', () => {
  const bool = (value: boolean) => ({ type: 1, bool_value: value });
  const setEnabled = (data: boolean) => ros.call('~/set_enabled', { data });
  const begin = () => {
    ros.configure();
    ros.activate();
  };

  it.each([
    ['the service', (on: boolean) => setEnabled(on)],
    ['the parameter', (on: boolean) => ros.set('enabled', bool(on))],
  ])(
    'false by %s ends the input, publishes nothing more and keeps the model; true takes frames again',
    async (_, set) => {
      begin();
      const detections = ros.open('/yolo_seg/detections')[0]!;
      detections.subscriptions = 1;
      const session = await startFrame(1);
      set(false);
      expect([ros.state, inputs[0]!.isStopped]).toEqual(['active', true]);
      session.running.get(1)!.resolve();
      await settle();
      expect(detections.raw).toEqual([]);
      set(true);
      expect(inputs.map(({ isStopped }) => isStopped)).toEqual([true, false]);
      await startFrame(2);
      session.running.get(2)!.resolve();
      await settle();
      expect(detections.raw).toHaveLength(1);
      expect(sessions).toHaveLength(1);
    },
  );

  it('is one thing, asked for twice or by two ways', () => {
    begin();
    setEnabled(false);
    expect(ros.set('enabled', bool(false))).toBe('');
    expect(setEnabled(false)).toEqual({ success: true, message: 'disabled' });
    setEnabled(true);
    setEnabled(true);
    expect(inputs).toHaveLength(2);
    const answer = ros.call('~/get_parameters', { names: ['enabled'] });
    expect(answer).toEqual({ values: [expect.objectContaining(bool(true))] });
  });

  it('false before activation opens no input until it is true', () => {
    expect(setEnabled(false)).toEqual({ success: true, message: 'disabled; the node is unconfigured' });
    begin();
    expect([ros.state, inputs.length]).toEqual(['active', 0]);
    setEnabled(true);
    expect(inputs).toHaveLength(1);
    ros.deactivate();
    expect(inputs[0]!.isStopped).toBe(true);
  });

  it('true is refused where the input cannot be opened, and stays false', () => {
    begin();
    setEnabled(false);
    inputError = new TransportError('create', 'no subscription');
    expect(setEnabled(true)).toEqual({ success: false, message: expect.stringContaining('no subscription') });
    expect(ros.call('~/get_parameters', { names: ['enabled'] })).toEqual({
      values: [expect.objectContaining(bool(false))],
    });
    inputError = null;
    expect(setEnabled(true)).toEqual({ success: true, message: 'enabled' });
    expect(inputs.at(-1)!.isStopped).toBe(false);
  });

  it('false is no fault in the diagnostics', async () => {
    begin();
    inputs[0]!.warning = 'no publisher';
    setEnabled(false);
    expect(await finalStatus()).toMatchObject({ level: 0, message: 'active, disabled' });
  });
});

describe('use_sim_time', () => {
  it('follows the parameter while the node runs', () => {
    expect(ros.onClock).toBeNull();
    ros.set('use_sim_time', { type: 1, bool_value: true });
    expect(ros.onClock).not.toBeNull();
    ros.set('use_sim_time', { type: 1, bool_value: false });
    expect(ros.onClock).toBeNull();
    start({ 'model.path': 'first.onnx', use_sim_time: true });
    expect(ros.onClock).not.toBeNull();
  });
});

describe('two cameras', () => {
  const front = '/yolo_seg/front/detections';
  const back = '/yolo_seg/back/detections';
  const watched = (topic: string) => {
    const [publisher] = ros.open(topic);
    publisher!.subscriptions = 1;
    return publisher!;
  };
  const begin = () => {
    ros.configure();
    ros.activate();
  };
  /** Takes a frame of a camera and finishes it. */
  const process = async (input: FakeInput, sequence: number) => {
    const session = sessions.at(-1)!;
    input.options.onFrame(new FakeFrame(sequence));
    await settle();
    session.preparing.get(sequence)!.resolve();
    await settle();
    session.running.get(sequence)!.resolve();
    await settle();
  };

  beforeEach(() => start({ 'model.path': 'first.onnx', 'cameras.names': ['front', 'back'] }));

  it('share one session, and each has its outputs', async () => {
    begin();
    expect(sessions).toHaveLength(1);
    expect(inputs.map(({ options }) => [options.topicName, options.frameId])).toEqual([
      ['front/hbmem_img', 'front'],
      ['back/hbmem_img', 'back'],
    ]);
    const [ofFront, ofBack] = [watched(front), watched(back)];
    await process(inputs[0]!, 1);
    await process(inputs[1]!, 2);
    await process(inputs[1]!, 3);
    expect([ofFront.raw.length, ofBack.raw.length]).toEqual([1, 2]);
    expect(ros.open('/yolo_seg/detections')).toEqual([]);
  });

  it('are both ended where the input of one cannot be opened, and come back together', () => {
    ros.configure();
    let opened = 0;
    inputErrorAt = () => (++opened === 2 ? new TransportError('native', 'no topic') : null);
    ros.activate();
    expect(ros.state).toBe('inactive');
    expect(inputs.map(({ isStopped }) => isStopped)).toEqual([true]);
    inputErrorAt = () => null;
    ros.activate();
    expect(inputs.map(({ isStopped }) => isStopped)).toEqual([true, false, false]);
  });

  it('leave no publisher where one of the last camera is refused', () => {
    ros.refusedTopic = '/yolo_seg/back/overlay';
    ros.configure();
    expect(ros.state).toBe('unconfigured');
    expect([front, back].flatMap((topic) => ros.open(topic))).toEqual([]);
  });

  it('die together with the session, which is told once', async () => {
    begin();
    const [session] = sessions;
    for (const [at, input] of inputs.entries()) input.options.onFrame(new FakeFrame(at));
    await settle();
    for (const gate of session!.preparing.values()) gate.reject(new BackendError('bpu_dead', 'on purpose'));
    await settle();
    expect(ros.state).toBe('unconfigured');
    expect(inputs.map(({ isStopped }) => isStopped)).toEqual([true, true]);
    expect(ros.logged.filter((line) => line.startsWith('error:'))).toHaveLength(1);
    expect(session!.closed).toBe(1);
  });

  it('follow a live parameter and another model alike', async () => {
    begin();
    ros.set('score_threshold', number(0.5));
    await process(inputs[0]!, 1);
    await process(inputs[1]!, 2);
    expect(sessions[0]!.optionsSeen.map(({ scoreThreshold }) => scoreThreshold)).toEqual([0.5, 0.5]);
    ros.deactivate();
    expect(ros.set('model.path', text('second.onnx'))).toBe('');
    ros.activate();
    const [ofFront, ofBack] = [watched(front), watched(back)];
    await process(inputs[2]!, 3);
    await process(inputs[3]!, 4);
    expect([ofFront.raw.length, ofBack.raw.length]).toEqual([1, 1]);
    expect(sessions.map(({ closed }) => closed)).toEqual([1, 0]);
  });

  it('are read once, at start', () => {
    expect(ros.set('cameras.names', texts(['front']))).toMatch(
      /cameras.names is read only: it is read once at start/,
    );
  });

  it('have a status each, and one that is silent warns alone', async () => {
    begin();
    inputs[1]!.warning = 'no publisher on /back/hbmem_img';
    await node.close();
    const { messages } = ros.publishers.find(({ topic }) => topic === '/diagnostics')!;
    const { status } = messages.at(-1) as { status: readonly Record<string, unknown>[] };
    expect(status.map(({ name, level, message }) => [name, level, message])).toEqual([
      ['yolo_seg: pipeline', 0, 'active'],
      ['yolo_seg: front', 0, 'active'],
      ['yolo_seg: back', 1, 'no publisher on /back/hbmem_img'],
    ]);
  });
});
