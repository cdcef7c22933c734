import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { packedSpec, type TensorSpec } from '#dist/core/tensor.js';
import { checkFlush } from '#dist/doctor/bpuTasks.js';
import { judgeRelease } from '#dist/doctor/bpuRelease.js';
import { fault, notApplicable, ok, warning } from '#dist/doctor/check.js';
import { checkPadding, fingerprint } from '#dist/doctor/padding.js';
import { parametersFor } from '#dist/doctor/parameterFile.js';
import { checkWorkers } from '#dist/doctor/postprocessing.js';
import { judgeProfile } from '#dist/ros2/profileFile.js';
import { buildReport, checkAsText, countsAsText } from '#dist/doctor/report.js';
import { repoPath } from '../../support/frames.js';

const packed = packedSpec('box8', [1, 2, 2, 3], 's32');
/** The 12 bytes of three channels take 16, as rows that the BPU writes do. */
const padded: TensorSpec = { ...packed, strideBytes: [64, 32, 16, 4] };

describe('padding', () => {
  it('is found where strides leave room, with the place', () => {
    expect(checkPadding([packed]).found).toBe('none of 1 output is padded');
    expect(checkPadding([packed, padded])).toMatchObject({
      outcome: 'ok',
      found: 'box8: 12 bytes along axis 2 take 16',
      details: { padded: 1, outputs: 2 },
    });
  });

  it('of dimensions of one element is none', () => {
    expect(checkPadding([{ ...packed, strideBytes: [4096, 24, 12, 4] }]).details.padded).toBe(0);
  });

  it('does not count as a result, every element does', () => {
    const before = fingerprint([new ArrayBuffer(64)], [padded]);
    for (let at = 0; at < 64; at++) {
      const bytes = new Uint8Array(64);
      bytes[at] = 1;
      const isPadding = at % 16 >= 12;
      expect(fingerprint([bytes.buffer], [padded]) === before, `byte ${at}`).toBe(isPadding);
    }
  });
});

describe('results of a picture, another one and the first again', () => {
  it.each([
    [[['a', 'b', 'a']], 'ok', /restores it/],
    [
      [
        ['a', 'a', 'a'],
        ['a', 'b', 'a'],
      ],
      'ok',
      /restores it/,
    ],
    [
      [
        ['a', 'a', 'a'],
        ['a', 'a', 'a'],
      ],
      'fault',
      /flushing the caches .* has no effect, or this model answers every picture alike/,
    ],
    [[['a', 'b', 'c']], 'fault', /flushing the caches is incomplete, or the BPU does not repeat/],
    [[['a', 'b', 'b']], 'fault', /incomplete/],
  ] as const)('%j are judged %s', (attempts, outcome, found) => {
    expect(checkFlush(attempts)).toMatchObject({ outcome, found: expect.stringMatching(found) });
  });
});

describe('releases of running tasks', () => {
  const quickMs = 10;
  const slowMs = 500;
  const waits = {
    isCoherent: true,
    wasRunning: true,
    ranMs: 1,
    releaseMs: 8,
    outputs: 10,
    whole: 10,
    untouched: 0,
    changed: 0,
  };
  const many = (count: number, trial = waits) => Array.from({ length: count }, () => trial);
  const long = { ...waits, releaseMs: 450 };
  const done = { ...waits, wasRunning: false };
  const ends = { ...waits, whole: 9, untouched: 1 };

  it.each([
    ['a dozen that took long and left every output complete', many(12), quickMs, 'ok', 'waits'],
    ['eleven of them', many(11), quickMs, 'warning', 'cannot be told'],
    ['three of slow tasks', many(3, long), slowMs, 'ok', 'waits'],
    ['two of them', many(2, long), slowMs, 'warning', 'cannot be told'],
    [
      'many that returned at once with every output complete',
      many(60, { ...waits, releaseMs: 1 }),
      quickMs,
      'warning',
      'cannot be told',
    ],
    [
      'many whose outputs are of another run',
      many(60, { ...waits, whole: 9 }),
      quickMs,
      'warning',
      'cannot be told',
    ],
    [
      'one after which an output changed',
      [...many(12), { ...waits, changed: 1 }],
      quickMs,
      'warning',
      'does not wait',
    ],
    ['a dozen that left an output as it was', many(12, ends), quickMs, 'warning', 'ends the task'],
    ['eleven of them', many(11, ends), quickMs, 'warning', 'cannot be told'],
    ['one of them after some that waited', [...many(11), ends], quickMs, 'warning', 'cannot be told'],
    ['a dozen of each', [...many(12), ...many(12, ends)], quickMs, 'warning', 'cannot be told'],
    [
      'a dozen of them, and one after which an output changed',
      [...many(12, ends), { ...waits, changed: 1 }],
      quickMs,
      'warning',
      'does not wait',
    ],
    [
      'one in memory that does not hold what was written',
      [...many(12), { ...ends, isCoherent: false }],
      quickMs,
      'warning',
      'cannot be told',
    ],
  ] as const)('%s', (_, trials, inferMs, outcome, verdict) => {
    expect(judgeRelease(trials, inferMs)).toMatchObject({
      outcome,
      found: expect.stringMatching(`^${verdict}: `),
      details: { verdict },
    });
  });

  it('say that nothing is at risk by one verdict alone', () => {
    const safe = (trials: Parameters<typeof judgeRelease>[0]) =>
      judgeRelease(trials, quickMs).remedy?.includes('nothing is at risk') ?? null;
    expect(safe(many(12, ends))).toBe(true);
    expect(safe([...many(3), ...many(12, ends)])).toBe(false);
    expect(safe([...many(12, ends), { ...ends, isCoherent: false }])).toBe(false);
    expect(safe(many(12))).toBeNull();
  });

  it('tell nothing where each had ended', () => {
    expect(judgeRelease(many(60, done), quickMs)).toMatchObject({
      outcome: 'not_applicable',
      found: 'cannot be told: 60 tasks ended within 1 ms, before they could be released',
    });
  });
});

describe('a profile of Fast DDS', () => {
  const shipped = (name: string) => readFileSync(repoPath(`config/fastdds/${name}.xml`), 'utf8');
  const everywhere = shipped('shm');
  const here = shipped('shm_localhost');
  const defaultPublisher = (kind: string) =>
    `<data_writer profile_name="another" is_default_profile="true"><qos><data_sharing><kind>${kind}</kind></data_sharing></qos></data_writer>`;

  it('as it is shipped has nothing wrong, each for its graph', () => {
    expect(judgeProfile(everywhere, false)).toBeNull();
    expect(judgeProfile(here, true)).toBeNull();
    expect(judgeProfile(here, false)).toBeNull();
  });

  it('is judged by the last of several defaults', () => {
    const first = everywhere.replace('<publisher ', `${defaultPublisher('OFF')}<publisher `);
    expect(judgeProfile(first, false)).toBeNull();
  });

  it.each([
    ['not well formed', '<dds><profiles></dds>', false, true, /not well-formed XML.*profiles/],
    ['of something else', '<html/>', false, true, /root is <html>/],
    ['without a profile', '<profiles/>', false, false, /0\.5 MB .* 8\.4 MB are needed/],
    ['for more machines in a graph of one', everywhere, true, false, /0\.5 MB/],
    ['with a small send buffer', everywhere.replace('4194304', '1048576'), false, false, /2\.1 MB/],
    ['with a segment that is no number', here.replace('8388608', 'much'), true, false, /0\.5 MB/],
    [
      'whose transport is not used',
      here.replace('<transport_id>large', '<transport_id>other'),
      true,
      false,
      /0\.5 MB/,
    ],
    ['that is not the default', everywhere.replace('is_default_profile="true"', ''), false, false, /0\.5 MB/],
    [
      'without data sharing',
      everywhere.replace('AUTOMATIC', 'OFF'),
      false,
      false,
      /publisher is OFF: frames are copied/,
    ],
    [
      'with a second default publisher, which takes the place of the first',
      everywhere.replace('</profiles>', `${defaultPublisher('OFF')}</profiles>`),
      false,
      false,
      /publisher is OFF: frames are copied/,
    ],
    ['that shares all data', everywhere.replaceAll('AUTOMATIC', 'ON'), false, true, /no ROS node starts/],
  ] as const)('%s is told', (_, text, isLocalhostOnly, isFault, found) => {
    expect(judgeProfile(text, isLocalhostOnly)).toMatchObject({
      isFault,
      found: expect.stringMatching(found),
    });
  });
});

describe('post-processing workers', () => {
  const need = { frameMs: 12, modelRate: 182, configured: 3, cores: 8 };

  it.each([
    [need, 'ok', /^3 needed for 182\.0 crowded frames\/s/],
    [{ ...need, configured: 2 }, 'warning', /^3 needed/],
    [{ ...need, frameMs: 0.01, configured: 0 }, 'warning', /^1 needed/],
    [{ ...need, cores: 2 }, 'warning', /^3 needed/],
    [
      { ...need, configured: -1 },
      'ok',
      /postprocess\.workers is -1, which takes 3 at this time of a frame, 8 cores$/,
    ],
    [{ ...need, modelRate: 400, configured: -1 }, 'warning', /^5 needed/],
  ] as const)('%j are %s', (facts, outcome, found) => {
    expect(checkWorkers(facts)).toMatchObject({ outcome, found: expect.stringMatching(found) });
  });

  it('that are too few say the number to set, and a CPU that is too slow what it does', () => {
    expect(checkWorkers({ ...need, configured: 2 }).remedy).toBe('set postprocess.workers: 3');
    expect(checkWorkers({ ...need, cores: 2 }).remedy).toMatch(/keeps up with 167 such frames\/s/);
  });
});

describe('a parameter file', () => {
  const file = `/**:
  ros__parameters:
    score_threshold: 0.3
    model.path: /opt/first.bin
front:
  yolo_seg:
    ros__parameters:
      model: { path: /opt/front.bin }
other:
  ros__parameters: { model.path: /opt/other.bin }
`;

  it('gives a node what is for it, later sections before earlier ones, nested names in one', () => {
    expect(parametersFor(file, 'p.yaml', '/front/yolo_seg')).toEqual({
      score_threshold: 0.3,
      'model.path': '/opt/front.bin',
    });
    expect(parametersFor(file, 'p.yaml', '/yolo_seg')['model.path']).toBe('/opt/first.bin');
  });

  it.each([
    ['other: { ros__parameters: { a: 1 } }', 'nothing is for /yolo_seg: it names other'],
    ['model.path: x', 'it has no ros__parameters'],
    ['a: [', 'cannot be read as YAML'],
  ])('%j is refused: %s', (text, why) => {
    expect(() => parametersFor(text, 'p.yaml', '/yolo_seg')).toThrow(why);
  });
});

describe('the report', () => {
  const checks = [
    ok('a.one', 'fine\nsecond line', { value: 1 }),
    warning('b.two', 'slow', 'do this'),
    fault('c.three', 'broken', 'do that'),
    notApplicable('d.four', 'no such file: /x'),
  ];

  it('has a line for each check, and one for what helps', () => {
    const space = ' '.repeat(38);
    expect(checks.map(checkAsText).join('\n').split('\n')).toEqual([
      `ok      a.one${' '.repeat(25)}fine`,
      `${space}second line`,
      `warning b.two${' '.repeat(25)}slow`,
      `${space}remedy: do this`,
      `FAULT   c.three${' '.repeat(23)}broken`,
      `${space}remedy: do that`,
      `-       d.four${' '.repeat(24)}not applicable: no such file: /x`,
    ]);
  });

  it('counts outcomes, and keeps every check with its figures', () => {
    const report = buildReport({ version: '1.2.3', model: 'm.bin', backend: 'bpu' }, checks);
    expect(report).toEqual({
      format: 1,
      version: '1.2.3',
      model: 'm.bin',
      backend: 'bpu',
      counts: { ok: 1, warning: 1, fault: 1, not_applicable: 1 },
      checks,
    });
    expect(countsAsText(report)).toBe('1 ok, 1 warning, 1 fault, 1 not applicable');
  });
});
