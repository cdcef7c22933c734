import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parameterSpecs } from '#dist/config/schema.js';
import { launched } from './launched.js';

const folder = mkdtempSync(join(tmpdir(), 'rdk-dnn-config-'));
mkdirSync(join(folder, 'config'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, 'config/workconfig.json');

/** As dnn_node_example has it for YOLOv8-seg on the X5. */
const official = {
  model_file: '/opt/hobot/model/x5/basic/yolov8_seg_640x640_nv12.bin',
  dnn_Parser: 'yolov8_seg',
  model_output_count: 10,
  reg_max: 16,
  num_mask: 32,
  class_num: 80,
  cls_names_list: 'config/coco.list',
  strides: [8, 16, 32],
  score_threshold: 0.4,
  nms_threshold: 0.5,
  nms_top_k: 5000,
};

function launch(config: object | string, ...args: string[]) {
  writeFileSync(path, typeof config === 'string' ? config : JSON.stringify(config));
  const { started, log } = launched('yolo_seg.launch.py', [`dnn_example_config_file:=${path}`, ...args]);
  return { parameters: started[0]!.parameters[1], log };
}

describe('dnn_example_config_file', () => {
  it('takes model, names and thresholds, under names that the schema knows', () => {
    const { parameters } = launch({ ...official, model_name: 'yolov8n', task_num: 2 });
    expect(parameters).toEqual({
      'model.path': official.model_file,
      'model.class_names': ['coco'],
      score_threshold: 0.4,
      iou_threshold: 0.5,
      'backend.model_name': 'yolov8n',
      'backend.tasks_in_flight': 2,
    });
    const known: string[] = parameterSpecs.map(({ name }) => name);
    for (const name of Object.keys(parameters as object)) expect(known).toContain(name);
  });

  it('warns of keys without a meaning here, each by its name', () => {
    const { log } = launch({ ...official, letterbox: true });
    expect(log.map((line) => /: (\w+) is ignored: /.exec(line)?.[1])).toEqual([
      'model_output_count',
      'reg_max',
      'num_mask',
      'strides',
      'nms_top_k',
      'letterbox',
    ]);
    expect(log.every((line) => line.startsWith(`WARNING: ${path}: `))).toBe(true);
  });

  it('reads names beside it, and keeps those that look like other types texts', () => {
    writeFileSync(join(folder, 'config/mine.list'), 'yes\n1\ntraffic light\n\n');
    const { parameters } = launch({ cls_names_list: 'config/mine.list', class_num: 3 });
    expect(parameters).toEqual({ 'model.class_names': ['yes', '1', 'traffic light'] });
  });

  it('refuses what contradicts itself or the other arguments', () => {
    writeFileSync(join(folder, 'config/mine.list'), 'ball\ncrate\n');
    const names = { cls_names_list: 'config/mine.list' };
    expect(() => launch({ ...names, class_num: 3 })).toThrow(
      `${path}: class_num is 3, but ${folder}/config/mine.list has 2 names`,
    );
    expect(() => launch({ ...official, class_num: 4 })).toThrow('class_num is 4, but COCO has 80 names');
    expect(() => launch({ ...official, dnn_Parser: 'yolov5' })).toThrow(
      `${path}: dnn_Parser is "yolov5"; this node is for yolov8_seg alone`,
    );
    expect(() => launch(official, 'model_path:=/m.onnx')).toThrow(
      `model_path:=/m.onnx and model_file ${official.model_file} in ${path} contradict each other`,
    );
    expect(launch(official, `model_path:=${official.model_file}`).parameters).toMatchObject({
      'model.path': official.model_file,
    });
  });

  it('refuses what it cannot read, with the place', () => {
    expect(() => launch('{"class_num": }')).toThrow(/workconfig.json: .*line 1 column 15/);
    expect(() => launch('[]')).toThrow(`${path}: expected an object of keys and values`);
    expect(() => launch({ score_threshold: '0.4' })).toThrow('score_threshold is "0.4"; expected a number');
    expect(() => launch({ task_num: true })).toThrow('task_num is true; expected a whole number');
    expect(() => launch({ cls_names_list: 'other.list' })).toThrow(
      new RegExp(`cls_names_list is other.list, which is none of .*, ${folder}/config/other.list, `),
    );
  });
});
