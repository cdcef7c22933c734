import { expect, it } from 'vitest';
import { verdictOf } from '../../../scripts/audit/verdict.mjs';

it('a registry without audits is no hole', () => {
  // As npm 10 writes it.
  const output = JSON.stringify({
    message: '405 Method Not Allowed - POST registry',
    statusCode: 405,
    error: { summary: '' },
  });
  const { code, lines } = verdictOf(output, 1);
  expect(code).toBe(77);
  expect(lines).toEqual([
    'skipped: the npm registry does not answer audits here: 405 Method Not Allowed - POST registry',
  ]);
  expect(verdictOf('npm: not found', 127)).toMatchObject({ code: 77 });
  expect(verdictOf('{}', 1)).toMatchObject({ code: 77 });
});

it('a hole is told with its package, its weight and where to read of it', () => {
  const via = [{ title: 'Prototype pollution', url: 'https://github.com/advisories/GHSA-x' }, 'other'];
  const vulnerabilities = { ws: { name: 'ws', severity: 'high', range: '<8', via } };
  const { code, lines } = verdictOf(JSON.stringify({ auditReportVersion: 2, vulnerabilities }), 1);
  expect(code).toBe(1);
  expect(lines).toEqual([
    'high: ws <8: Prototype pollution https://github.com/advisories/GHSA-x; through other',
  ]);
});

it('no holes are told with the number of packages', () => {
  const report = { vulnerabilities: {}, metadata: { dependencies: { prod: 120 } } };
  expect(verdictOf(JSON.stringify(report), 0)).toEqual({
    code: 0,
    lines: ['no known holes in 120 packages'],
  });
});
