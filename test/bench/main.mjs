// Runs the benchmarks named on the command line, or all, one after the other in processes of their own; prints a
// table for each and writes out/bench.json. Called by scripts/bench.mjs with the ROS environment.
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const folder = fileURLToPath(new URL('.', import.meta.url));
const outFolder = fileURLToPath(new URL('../../out/', import.meta.url));

/** A process that imports one benchmark, runs it and prints rows and peak memory as the last line. */
const child = `
  const { run } = await import(process.argv[1]);
  const rows = await run();
  console.log(JSON.stringify({ rows, peakMemoryMb: process.resourceUsage().maxRSS / 1024 }));
  process.exit(0);
`;

/** @typedef {{ name: string } & Record<string, unknown>} Row of a benchmark: its name, and figures by theirs */

/** @param {unknown} value */
function rounded(value) {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
}

/**
 * Neighbouring rows with the same columns form one table.
 *
 * @param {Row[]} rows
 */
function tables(rows) {
  /** @type {Record<string, Record<string, unknown>>[]} */
  const found = [];
  /** @type {Record<string, Record<string, unknown>>} */
  let table = {};
  let columns = '';
  for (const { name, ...figures } of rows) {
    if (Object.keys(figures).join() !== columns) {
      table = {};
      found.push(table);
    }
    columns = Object.keys(figures).join();
    table[name] = Object.fromEntries(Object.entries(figures).map(([key, value]) => [key, rounded(value)]));
  }
  return found;
}

const known = readdirSync(folder)
  .filter((name) => name.endsWith('.mjs') && name !== 'main.mjs')
  .map((name) => name.replace('.mjs', ''));
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`no benchmark ${unknown.join(', ')}; there are ${known.join(', ')}`);
  process.exit(2);
}

/** @type {{ machine: Record<string, string | number | undefined>, benchmarks: Record<string, object> }} */
const report = {
  machine: { cpu: cpus()[0].model, cores: cpus().length, node: process.version },
  benchmarks: {},
};
console.log(`${report.machine.cpu}, ${report.machine.cores} cores, Node ${report.machine.node}`);
let failed = false;
for (const name of asked.length > 0 ? asked : known) {
  const loadBefore = loadavg()[0];
  console.log(`\n${name} (load before: ${loadBefore.toFixed(2)})`);
  try {
    const args = ['--input-type=module', '-e', child, `${folder}${name}.mjs`];
    const options = { maxBuffer: 1 << 26, timeout: 600_000 };
    const { stdout } = await promisify(execFile)(process.execPath, args, options);
    /** @type {{ rows: Row[], peakMemoryMb: number }} */
    const { rows, peakMemoryMb } = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
    report.benchmarks[name] = { loadBefore, peakMemoryMb, rows };
    for (const table of tables(rows)) console.table(table);
    console.log(`peak memory ${peakMemoryMb.toFixed(0)} MB`);
  } catch (error) {
    failed = true;
    const message = error instanceof Error ? error.message : String(error);
    const output = error instanceof Error && 'stderr' in error ? error.stderr : '';
    report.benchmarks[name] = { error: message };
    console.error(`${name} failed: ${output}${message}`);
  }
}
mkdirSync(outFolder, { recursive: true });
writeFileSync(`${outFolder}bench.json`, `${JSON.stringify(report, null, 2)}\n`);
console.log('\nwritten: out/bench.json');
process.exitCode = failed ? 1 : 0;
