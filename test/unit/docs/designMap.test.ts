import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
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
