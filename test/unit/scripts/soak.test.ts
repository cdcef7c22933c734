import { describe, expect, it } from 'vitest';
import { parts, readOptions } from '../../../scripts/soak/options.mjs';
import { drawSeries } from '../../../scripts/soak/plot.mjs';
import { soakPage } from '../../../scripts/soak/report.mjs';

describe('flags of the soak', () => {
  it('choose parts and minutes; all parts by their counts unless given', () => {
    expect(readOptions([])).toEqual({ minutes: null, chosen: parts });
    expect(readOptions(['--minutes', '0.5', '--part', 'faults'])).toEqual({
      minutes: 0.5,
      chosen: ['faults'],
    });
    expect(readOptions(['--help'])).toBeNull();
  });

  it.each([
    [['--minutes', '0'], '--minutes is 0; expected a number above 0'],
    [['--minutes', 'ten'], '--minutes is ten; expected a number above 0'],
    [['--part', 'all'], '--part is all; expected lifecycle, '],
  ])('%j are refused', (args, text) => {
    expect(() => readOptions(args)).toThrow(text);
  });
});

describe('a figure over time', () => {
  it('is a line from corner to corner of its axes, with a gap where nothing is known', () => {
    const values = [0, 40, null, 40, 0];
    const svg = drawSeries(
      'threads',
      values.map((value, index) => ({ atS: 10 * index, value })),
    );
    // The plot lies between 54 and 610 across, and between 24 and 146 down.
    expect(/<path [^>]*d="([^"]*)"/.exec(svg)?.[1]).toBe('M54.0 146.0L193.0 24.0M471.0 24.0L610.0 146.0');
    expect([...svg.matchAll(/text-anchor="end"[^>]*>([^<]*)</g)].map(([, text]) => text)).toEqual([
      ...['0', '10', '20', '30', '40'],
      '40 s',
    ]);
  });

  it('is nothing where nothing is known', () => {
    expect(drawSeries('rate', [{ atS: 1, value: null }])).toBe('');
  });
});

it('the page tells which bound was broken, and shows text as text', () => {
  const bound = { name: 'threads', unit: '', before: 3, after: 9, most: 2, held: false };
  const report = {
    name: 'x',
    title: 'Rounds <b>',
    unit: 'rounds',
    done: 7,
    seconds: 12.4,
    counts: { killed: 2 },
  };
  const page = soakPage([{ ...report, bounds: [bound], marks: {}, samples: [] }]);
  expect(page).toContain('<h2>Rounds &lt;b&gt;</h2>');
  expect(page).toContain('7 rounds in 12 s. 2 killed');
  expect(page).toMatch(/<td>threads<\/td><td[^>]*>3<\/td><td[^>]*>9<\/td><td[^>]*>2<\/td>.*broken/);
});
