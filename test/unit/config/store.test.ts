import { describe, expect, it } from 'vitest';
import { parameterSpecs } from '#dist/config/schema.js';
import { toPostprocessOptions } from '#dist/config/options.js';
import { ParameterStore } from '#dist/config/store.js';
import { ConfigError } from '#dist/core/errors.js';
import { doubleValue } from '#dist/core/wholeDouble.js';

const inactive = false;
const active = true;
const classNames = ['person', 'bicycle', 'car'];

describe('parameter schema', () => {
  it('has defaults that pass its own checks', () => {
    expect(
      () => new ParameterStore(Object.fromEntries(parameterSpecs.map((s) => [s.name, s.default]))),
    ).not.toThrow();
  });

  it('uses snake_case names, describes each parameter and never has an empty list as default', () => {
    for (const spec of parameterSpecs) {
      expect(spec.name).toMatch(/^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$/);
      expect(spec.description.length).toBeGreaterThan(20);
      if (Array.isArray(spec.default)) expect(spec.default.length).toBeGreaterThan(0);
    }
  });
});

describe('overrides at start', () => {
  it('take the place of defaults', () => {
    expect(new ParameterStore({ score_threshold: 0.5 }).values.score_threshold).toBe(0.5);
  });

  it('that do not fit are all named with value and range', () => {
    const build = () =>
      new ParameterStore({ score_threshold: 1.5, max_detections: 0, 'overlay.scale': 'big' });
    expect(build).toThrow(/score_threshold is 1.5; expected a number from 0.001 to 0.999/);
    expect(build).toThrow(/max_detections is 0; expected an integer from 1 to 300/);
    expect(build).toThrow(/overlay.scale is "big"; expected a number from 0.1 to 1/);
  });

  it('that are misspelt are errors that name the nearest parameter', () => {
    expect(() => new ParameterStore({ score_treshold: 0.5 })).toThrow(
      /score_treshold is unknown; did you mean score_threshold\?/,
    );
  });

  it('that every node has are taken, and judged too; qos_overrides are left to those who know the topics', () => {
    const common = { use_sim_time: true, 'qos_overrides./hbmem_img.subscription.depth': 5 };
    expect(new ParameterStore(common).value('use_sim_time')).toBe(true);
    expect(() => new ParameterStore({ use_sim_time: 3 })).toThrow(
      /use_sim_time is 3; expected true or false/,
    );
  });

  it('whose lower end is above the upper one are refused with both', () => {
    expect(() => new ParameterStore({ 'depth.min_m': 60, 'tracking.low_score': 0.9 })).toThrow(
      'tracking.low_score is 0.9, above tracking.high_score, which is 0.5; depth.min_m is 60, above depth.max_m, which is 50',
    );
    const both = new ParameterStore({ 'depth.min_m': 60, 'depth.max_m': 60 }).values;
    expect([both['depth.min_m'], both['depth.max_m']]).toEqual([60, 60]);
  });

  it('are told together with faults found elsewhere', () => {
    const build = () => new ParameterStore({ score_threshold: Number.NaN }, () => ['the topic is unknown']);
    expect(build).toThrow(
      'score_threshold is NaN; expected a number from 0.001 to 0.999; the topic is unknown',
    );
  });

  it('that are like no parameter suggest none', () => {
    expect(() => new ParameterStore({ nope: 1 })).toThrow(/nope is unknown$/);
  });
});

/** Why changes are refused; null where they are not. */
function refusalOf(
  store: ParameterStore,
  changes: Record<string, unknown>,
  isActive: boolean,
): string | null {
  try {
    store.prepare(changes, isActive);
    return null;
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message;
  }
}

describe('updates', () => {
  it('of live parameters are taken while active', () => {
    const store = new ParameterStore();
    expect(refusalOf(store, { iou_threshold: 0.5 }, active)).toBeNull();
    store.prepare({ iou_threshold: 0.5 }, active).commit();
    expect(store.values.iou_threshold).toBe(0.5);
  });

  it('that are only prepared change nothing', () => {
    const store = new ParameterStore();
    store.prepare({ iou_threshold: 0.5 }, active);
    expect(store.values.iou_threshold).toBe(0.7);
  });

  it('of model.path are refused while active and taken while inactive', () => {
    const store = new ParameterStore();
    expect(refusalOf(store, { 'model.path': 'a.onnx' }, active)).toMatch(
      /model.path .*configure: deactivate the node first/,
    );
    expect(refusalOf(store, { 'model.path': 'a.onnx' }, inactive)).toBeNull();
  });

  it('out of range are refused with the numbers', () => {
    expect(refusalOf(new ParameterStore(), { max_detections: 301 }, active)).toMatch(
      /max_detections is 301; expected an integer from 1 to 300/,
    );
    expect(refusalOf(new ParameterStore(), { score_threshold: Number.NaN }, active)).toMatch(
      /score_threshold/,
    );
  });

  it('that turn a range round are refused and change nothing; both of its ends may move together', () => {
    const store = new ParameterStore();
    expect(() => store.prepare({ 'depth.max_m': 2, 'depth.min_m': 3 }, active)).toThrow(
      'depth.min_m is 3, above depth.max_m, which is 2',
    );
    expect(store.values['depth.max_m']).toBe(50);
    store.prepare({ 'depth.min_m': 60, 'depth.max_m': 70 }, active).commit();
    expect(store.values['depth.min_m']).toBe(60);
  });

  it('of classes to an empty list are refused', () => {
    expect(refusalOf(new ParameterStore(), { classes: [] }, active)).toMatch(
      /classes is \[\]; expected a non-empty list/,
    );
  });

  it('of startup parameters are refused', () => {
    expect(refusalOf(new ParameterStore(), { autostart: false }, inactive)).toMatch(
      /autostart is read once at start/,
    );
  });
});

describe('a whole number given as a double', () => {
  const whole = (value: number) => doubleValue(value);

  it('is taken for a double and refused for an integer, with its decimal point', () => {
    expect(new ParameterStore({ iou_threshold: whole(1) }).value('iou_threshold')).toBe(1);
    expect(new ParameterStore({ iou_threshold: 1 }).value('iou_threshold')).toBe(1);
    expect(() => new ParameterStore({ max_detections: whole(2) })).toThrow(
      'max_detections is 2.0; expected an integer from 1 to 300',
    );
    expect(() => new ParameterStore({ iou_threshold: whole(2) })).toThrow(
      'iou_threshold is 2; expected a number from 0.01 to 1',
    );
  });

  it('is no class id either', () => {
    expect(() => new ParameterStore({ classes: [whole(2), whole(-0), whole(1e300)] })).toThrow(
      'classes is [2.0, -0.0, 1e+300]; expected a non-empty list of texts, or of integers from 0 on',
    );
  });
});

describe('a list', () => {
  it.each([
    ['classes', new Array(65_536).fill(7)],
    ['classes', new Array(65_536).fill('all')],
    ['model.class_names', new Array(65_536).fill('x')],
  ])('of more %s than any model has is refused by its length', (name, value) => {
    const refusal = `${name} has 65536 items; expected at most 65535`;
    expect(refusalOf(new ParameterStore(), { [name]: value }, inactive)).toBe(refusal);
    expect(refusalOf(new ParameterStore(), { [name]: value.slice(1) }, inactive)).toBeNull();
  });
});

describe('post-processing options', () => {
  it('turn names and numbers into class ids and ["all"] into null', () => {
    const store = new ParameterStore();
    expect(toPostprocessOptions(store.values, classNames).classes).toBeNull();
    store.prepare({ classes: ['car', '0'] }, active).commit();
    expect(toPostprocessOptions(store.values, classNames).classes).toEqual([2, 0]);
  });

  it('refuse classes that the model does not have', () => {
    const options = (classes: string[]) =>
      toPostprocessOptions(new ParameterStore({ classes }).values, classNames);
    expect(options(['person', '2']).classes).toEqual([0, 2]);
    expect(() => options(['dog'])).toThrow(/classes names "dog"; the model has 3 classes: person/);
    expect(() => options(['all', 'dog'])).toThrow('classes has "all" beside 1 other; "all" stands alone');
    expect(() => options(['3'])).toThrow(/"3"/);
    expect(() => options(['-1'])).toThrow(/"-1"/);
  });

  it('take integers as ids alone, also where a class is named like one', () => {
    const store = new ParameterStore({ classes: [1] });
    expect(toPostprocessOptions(store.values, ['9', '7', '1']).classes).toEqual([1]);
    expect(() => toPostprocessOptions(store.values, ['only'])).toThrow(
      /classes names 1; the model has 1 class:/,
    );
  });

  it('prefer a class that is named like a number to the class id', () => {
    const store = new ParameterStore({ classes: ['1'] });
    expect(toPostprocessOptions(store.values, ['9', '7', '1']).classes).toEqual([2]);
  });

  it('take each class once, and the first of two of one name', () => {
    const store = new ParameterStore({ classes: ['car', '2', 'car', 'person', '0'] });
    expect(toPostprocessOptions(store.values, ['person', 'bicycle', 'car', 'car']).classes).toEqual([2, 0]);
  });

  it('have the tolerance of contours of its own parameter', () => {
    const store = new ParameterStore({ 'output.contour_tolerance_px': 1.5 });
    expect(refusalOf(store, { 'output.contour_tolerance_px': 0 }, active)).toBeNull();
    expect(refusalOf(store, { 'output.contour_tolerance_px': 10.5 }, active)).toMatch(/contour_tolerance_px/);
    expect(toPostprocessOptions(store.values, []).contourTolerancePx).toBe(1.5);
  });
});
