/** @param {number | null} value */
const written = (value) => (value === null ? '' : String(Number(value.toFixed(1))));

/**
 * The bounds of each part of a soak as Markdown, and what it counted.
 *
 * @param {readonly import('../../test/soak/support/soakPart.js').SoakReport[]} reports
 */
export function renderSoak(reports) {
  const rows = reports.flatMap(({ title, unit, done, seconds, bounds, counts }) => [
    `| **${title}**: ${done} ${unit} in ${seconds.toFixed(0)} s${Object.entries(counts)
      .map(([name, count]) => `, ${count} ${name}`)
      .join('')} | | | |`,
    ...bounds.map(
      ({ name, unit: of, before, after, most }) =>
        `| ${name}${of === '' ? '' : `, ${of}`} | ${written(before)} | ${written(after)} | ${written(most)} |`,
    ),
  ]);
  return ['| bound | before | after | most more |', '| --- | --- | --- | --- |', ...rows, ''].join('\n');
}
