/** What scripts of ours end with where something cannot be had on this machine. */
const cannotBeAsked = 77;

/**
 * @typedef {{ name: string, severity: string, range?: string, via?: (string | { title?: string, url?: string })[] }} Hole
 */

/**
 * What the output of `npm audit --json` means: npm ends with 1 for a hole and for a registry that gives no answer alike.
 *
 * @param {string} output
 * @param {number | null} status that npm ended with
 * @returns {{ code: number, lines: string[] }} what to end with, and what to say
 */
export function verdictOf(output, status) {
  /** @type {{ vulnerabilities?: Record<string, Hole>, metadata?: { dependencies?: { prod?: number } }, message?: string, error?: { summary?: string } }} */
  let report;
  try {
    report = JSON.parse(output);
  } catch {
    const begin = JSON.stringify(output.slice(0, 80));
    return {
      code: cannotBeAsked,
      lines: [`skipped: npm audit ended with ${status} and without a report: ${begin}`],
    };
  }
  const { vulnerabilities, metadata } = report;
  if (vulnerabilities === undefined) {
    const why = report.message || report.error?.summary || 'it gives no reason';
    return { code: cannotBeAsked, lines: [`skipped: the npm registry does not answer audits here: ${why}`] };
  }
  const holes = Object.values(vulnerabilities);
  if (holes.length === 0)
    return { code: 0, lines: [`no known holes in ${metadata?.dependencies?.prod ?? 'the'} packages`] };
  const lines = holes.map(({ name, severity, range = '', via = [] }) => {
    const reasons = via.map((one) =>
      typeof one === 'string' ? `through ${one}` : `${one.title ?? ''} ${one.url ?? ''}`.trim(),
    );
    return `${severity}: ${name} ${range}: ${reasons.join('; ')}`;
  });
  return { code: 1, lines };
}
