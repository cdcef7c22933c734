import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { uncheckedAccesses } from '../../../scripts/indexAccess.mjs';

const folder = mkdtempSync(join(tmpdir(), 'index-access-'));
const configPath = join(folder, 'tsconfig.json');
const unchecked = 'export const first = (list: readonly number[]): number => list[0];\n';
const files = {
  'tsconfig.json': JSON.stringify({ compilerOptions: { strict: true, types: [] }, include: ['src'] }),
  'src/hot/loop.ts': unchecked,
  'src/hotter.ts': unchecked,
  'src/named.ts': unchecked,
  'src/checked.ts': 'export const first = (list: readonly number[]): number => list[0] ?? 0;\n',
};

beforeAll(() => {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('names what may be undefined outside of hot folders and files, by its place', () => {
  expect(uncheckedAccesses(configPath, ['src/hot/', 'src/named.ts'])).toEqual([
    "src/hotter.ts:1:59: Type 'number | undefined' is not assignable to type 'number'.",
  ]);
  expect(uncheckedAccesses(configPath, ['src/hot/'])).toHaveLength(2);
});

it('refuses a configuration that is not there', () => {
  expect(() => uncheckedAccesses(join(folder, 'none.json'), [])).toThrow(/none\.json/);
});
