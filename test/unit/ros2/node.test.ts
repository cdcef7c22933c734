import { describe, expect, it } from 'vitest';
import { BackendError, ModelContractError, TransportError } from '#dist/core/errors.js';
import { settle } from '../pipeline/fakes.js';
import {
  ros,
  node,
  sessions,
  inputs,
  refusals,
  start,
  finalStatus,
  startFrame,
  text,
} from './nodeUnderTest.js';

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
    refusals.session = new ModelContractError('missing', 'first.onnx is not there');
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
    refusals.input = () => new TransportError('native', 'no topic');
    ros.activate();
    expect(ros.state).toBe('inactive');
    expect(ros.logged).toContain('error: activate failed: native: no topic');
    refusals.input = () => null;
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
    refusals.session = new ModelContractError('missing', 'second.onnx is not there');
    expect(ros.set('model.path', text('second.onnx'))).toMatch(
      /second.onnx is not there; first.onnx stays loaded/,
    );
    refusals.session = null;
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
