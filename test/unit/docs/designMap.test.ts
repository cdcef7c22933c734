import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

const directions: Record<string, string[]> = createRequire(import.meta.url)(
  '../../../scripts/importDirections.cjs',
);
const page = readFileSync('docs/design.md', 'utf8');
const section = page.slice(page.indexOf('## 4. Layout'), page.indexOf('## 5. '));
const [layout = '', imports = ''] = [...section.matchAll(/^```\n([\s\S]*?)^```$/gm)].map(
  ([, block]) => block ?? '',
);
const lines = (block: string) => block.split('\n').filter((line) => line !== '');

it('the layout of docs/design.md names folders that are there', () => {
  const named = lines(layout).map((line) => line.split(/\s/, 1)[0] ?? '');
  expect(named.filter((folder) => !existsSync(folder))).toEqual([]);
});

it('the layout of docs/design.md leaves out no folder of src', () => {
  const named = lines(layout).flatMap((line) => line.match(/^src\/(\w+)\//)?.[1] ?? []);
  expect(named.toSorted()).toEqual(readdirSync('src').toSorted());
});

it('the import table of docs/design.md is the one that lint enforces', () => {
  const others = Object.keys(directions).length - 1;
  const rows = Object.entries(directions).map(([from, to]) => {
    const words = to.length === others ? 'everything' : to.toSorted().join(' ');
    return `${from} -> ${words || 'nothing'}`;
  });
  expect(lines(imports).map((line) => line.replace(/ +->/, ' ->'))).toEqual(rows);
});

it('the import table allows nothing that nobody imports', () => {
  const folderOf = (path: string) =>
    Object.keys(directions)
      .filter((folder) => path.startsWith(`src/${folder}/`))
      .toSorted((a, b) => b.length - a.length)[0] ?? '';
  const used = new Set<string>();
  for (const file of readdirSync('src', { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts')) continue;
    const path = join('src', file);
    for (const [, target = ''] of readFileSync(path, 'utf8').matchAll(/(?:from|import\()\s*'(\.[^']+)'/g))
      used.add(`${folderOf(path)} -> ${folderOf(join(dirname(path), target))}`);
  }
  // The command line may import everything, so that a new command needs no new rule.
  const allowed = Object.entries(directions).filter(([from]) => from !== 'cli');
  const pairs = allowed.flatMap(([from, folders]) => folders.map((to) => `${from} -> ${to}`));
  expect(pairs.filter((pair) => !used.has(pair))).toEqual([]);
});
