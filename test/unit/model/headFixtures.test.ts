import { describe, expect, it } from 'vitest';
import { ModelContractError } from '#dist/core/errors.js';
import { solveLetterbox } from '#dist/core/geometry.js';
import { type ResolvedHeads, resolveHeads } from '#dist/model/heads.js';
import { Postprocessor } from '#dist/postprocess/postprocess.js';
import { numpyPython, type OracleCase, runOracle } from '../../oracle/oracle.js';
import { defaultOptions } from '../postprocess/build.js';
import { expectLikeOracle } from '../postprocess/compareOracle.js';
import { expectSame } from '../postprocess/expectSame.js';
import { type HeadFixture, headFixtures } from './headFixture.js';
import { madeUpTensors } from './madeUpTensors.js';

const accepted = headFixtures.filter((fixture) => fixture.expected !== undefined);
const refused = headFixtures.filter((fixture) => fixture.refusal !== undefined);

/** The reading of a model in the words of its fixture. */
function inWords(heads: ResolvedHeads): object {
  const { kind, classCount, coefCount, proto } = heads;
  const shared = { kind, classCount, coefCount, proto: proto.spec.name };
  if (heads.kind !== 'raw') return { ...shared, rows: heads.rows.spec.name };
  const levels = heads.levels.map(({ cls, box, coef }) => ({
    cls: cls.spec.name,
    box: box.spec.name,
    coef: coef.spec.name,
  }));
  return { ...shared, regMax: heads.regMax, levels };
}

it('peer bug 1: most fixtures have a label that names another layout than their strides', () => {
  expect(accepted.length + refused.length).toBe(headFixtures.length);
  expect(accepted.length).toBeGreaterThan(15);
  expect(headFixtures.filter((fixture) => fixture.hasFalseLabel).length).toBeGreaterThan(10);
});

describe.each(accepted)('$name', (fixture) => {
  it('is read as expected, whatever the order of its outputs', () => {
    const specs = [...fixture.specs];
    for (let turn = 0; turn < specs.length; turn++) {
      expect(inWords(resolveHeads(specs, fixture.input))).toEqual(fixture.expected);
      specs.push(...specs.splice(0, 1));
    }
    expect(inWords(resolveHeads(specs.reverse(), fixture.input))).toEqual(fixture.expected);
  });
});

describe.each(refused)('$name', ({ specs, input, refusal }) => {
  it('is refused with a table of expected and found and all outputs', () => {
    const attempt = () => resolveHeads(specs, input);
    expect(attempt).toThrow(ModelContractError);
    for (const text of refusal ?? []) expect(attempt).toThrow(text);
    expect(attempt).toThrow(/expected +\| found/);
    for (const { name, dims } of specs) expect(attempt).toThrow(`${name} [${dims.join(', ')}]`);
  });
});

function caseOf(fixture: HeadFixture): OracleCase {
  return {
    heads: resolveHeads(fixture.specs, fixture.input),
    tensors: madeUpTensors(fixture),
    geometry: solveLetterbox(320, 180, fixture.input.widthPx, fixture.input.heightPx),
    options: { ...defaultOptions, maxDetections: 30 },
    maxCandidates: 2048,
  };
}

const skipped = numpyPython === null ? ' (skipped: no python3 with numpy)' : '';

describe.skipIf(numpyPython === null)(`made-up outputs${skipped}`, () => {
  it.each(accepted)('of $name give what the numpy oracle makes of them', { timeout: 30_000 }, (fixture) => {
    const one = caseOf(fixture);
    const { instances, candidateCount } = new Postprocessor(one.heads).run(
      one.tensors,
      one.geometry,
      one.options,
    );
    const [expected] = runOracle([one]);
    expect(instances.count).toBeGreaterThan(15);
    expect(instances.spans.length).toBeGreaterThan(1000);
    expect(candidateCount).toBe(expected.candidateCount);
    expectLikeOracle(instances, expected, fixture.name);
  });
});

it('peer bug 2: the same values give the same objects in seed order and in zoo order', () => {
  const named = (name: string) => headFixtures.find((fixture) => fixture.name === name)!;
  const seed = named('seed-yolov8n');
  const heads = resolveHeads(seed.specs, seed.input);
  const tensors = madeUpTensors(seed);
  const zooOrder = [6, 3, 0, 7, 4, 1, 8, 5, 2, 9];
  const geometry = solveLetterbox(640, 360, 640, 640);
  const found = new Postprocessor(heads).run(tensors, geometry, defaultOptions).instances;
  const zoo = named('zoo-yolov8n').specs.map((spec, index) => ({
    spec,
    data: tensors[zooOrder[index]].data,
  }));
  const zooHeads = resolveHeads(named('zoo-yolov8n').specs, seed.input);
  expectSame(new Postprocessor(zooHeads).run(zoo, geometry, defaultOptions).instances, found);
});
