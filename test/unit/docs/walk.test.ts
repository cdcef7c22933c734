import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const page = readFileSync('docs/walk.md', 'utf8');

/** A numbered step: the file it begins with and the names it tells of. */
interface Step {
  readonly file: string;
  readonly names: readonly string[];
}

const steps: readonly Step[] = [...page.matchAll(/^\d+\. `([^`]+)`([\s\S]*?)(?=^\d+\. |^## |^$)/gm)].map(
  ([, file = '', text = '']) => ({
    file,
    names: [...text.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
  }),
);

it('every step of docs/walk.md begins with a file that is there', () => {
  expect(page.match(/^\d+\. /gm)).toHaveLength(steps.length);
  expect(steps.map(({ file }) => file).filter((file) => !existsSync(file))).toEqual([]);
});

it('every name in a step of docs/walk.md is in the file of that step', () => {
  const missing = steps.flatMap(({ file, names }) => {
    const source = readFileSync(file, 'utf8');
    // As a whole name: `Failed` is not in a file that has `EndFailed`.
    const isIn = (name: string) =>
      new RegExp(`(?<![\\w#])${name.replace(/[^\w]/g, '\\$&')}(?!\\w)`).test(source);
    return names.filter((name) => !isIn(name)).map((name) => `${file}: ${name}`);
  });
  expect(missing).toEqual([]);
});
