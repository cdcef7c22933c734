import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const read = (path: string) => readFileSync(path, 'utf8');
const page = read('docs/dependencies.md');

/** Cells of the table below a heading, without its head. */
function table(heading: string): string[][] {
  const section = page.split(`## ${heading}\n`)[1]!.split('\n## ')[0]!;
  const rows = section.split('\n').filter((line) => line.startsWith('|'));
  return rows.slice(2).map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** Names and versions of a table as an object. */
const versions = (heading: string) =>
  Object.fromEntries(table(heading).map(([name, version]) => [name, version]));

const packageJson = JSON.parse(read('package.json')) as Record<'dependencies' | 'devDependencies', object>;

it.each([
  ['npm, at run time', 'dependencies'],
  ['npm, for development', 'devDependencies'],
] as const)('docs/dependencies.md names every package of %s with its version', (heading, kind) => {
  expect(versions(heading)).toEqual(packageJson[kind]);
});

it('docs/dependencies.md names the licence that each npm package states', () => {
  for (const [name, , licence] of [...table('npm, at run time'), ...table('npm, for development')]) {
    const stated =
      (JSON.parse(read(`node_modules/${name}/package.json`)) as { license?: string }).license ?? '';
    const words = (text: string) => text.toLowerCase().replace(/[()]/g, '');
    // They point to their files instead.
    if (name !== 'dejavu-fonts-ttf' && name !== 'wa-sqlite')
      expect(`${name}: ${words(licence!)}`).toBe(`${name}: ${words(stated)}`);
  }
});

it('docs/dependencies.md names the Debian packages that the set-up looks for', () => {
  const wanted = [...read('scripts/setup/systemPackages.mjs').matchAll(/\bapt: '([^']+)'/g)].map(
    ([, name]) => name,
  );
  expect(
    table('Debian and Ubuntu')
      .map(([name]) => name)
      .toSorted(),
  ).toEqual(wanted.toSorted());
});

it('docs/dependencies.md names the tools from PyPI with their versions', () => {
  const scripts = ['clangFormat', 'clangTidy', 'ruff', 'colcon', 'bagTools', 'fleet/s3Server'].map((name) =>
    read(`scripts/${name}.mjs`),
  );
  const wanted = scripts.flatMap((script) =>
    [...script.matchAll(/'([\w[\]-]+)==([\d.]+)'/g)].map(([, ...pin]) => pin),
  );
  const { 'ros-jazzy-...': jazzy, 'ros-kilted-...': kilted, ...tools } = versions('PyPI');
  expect(tools).toEqual(Object.fromEntries(wanted));
  expect(jazzy).toContain('requirements-jazzy.txt');
  expect(kilted).toContain('requirements-kilted.txt');
});
