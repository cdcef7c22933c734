import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expandPatterns } from '#dist/offline/patterns.js';

const scratch = mkdtempSync(join(tmpdir(), 'patterns-'));
const files = [
  '10.jpg',
  '2.jpg',
  '.3.jpg',
  'a b.png',
  '[1].jpg',
  '1.jpg',
  'UP.JPG',
  'in/deep/4.jpg',
  'in/5.jpg',
  'run (1)/6.jpg',
  ...['one', 'two'].flatMap((bag) => [`bags/${bag}/metadata.yaml`, `bags/${bag}/${bag}_0.mcap`]),
];

beforeAll(() => {
  mkdirSync(join(scratch, 'in', 'deep'), { recursive: true });
  for (const folder of ['run (1)', 'bags/one', 'bags/two'])
    mkdirSync(join(scratch, folder), { recursive: true });
  for (const name of files) writeFileSync(join(scratch, name), '');
});

afterAll(() => rmSync(scratch, { recursive: true }));

const expand = async (...patterns: string[]) =>
  (await expandPatterns(patterns.map((pattern) => join(scratch, pattern)))).paths.map((path) =>
    relative(scratch, path),
  );

/** What bash makes of it. */
function byShell(pattern: string): string[] {
  const script = `shopt -s globstar nullglob; printf '%s\\n' ${pattern}`;
  return execFileSync('bash', ['-c', script], { cwd: scratch, encoding: 'utf8' }).trim().split('\n');
}

describe('patterns', () => {
  it.each([
    '*.jpg',
    '?.jpg',
    '{2,10}.jpg',
    '*/*',
    '**/*.jpg',
    'in/**/*.jpg',
    '[0-9]*.jpg',
    '*.{JPG,png}',
    'i*',
  ])('%s matches what it matches in a shell', async (pattern) => {
    expect((await expand(pattern)).toSorted()).toEqual(byShell(pattern).toSorted());
  });

  it('come with numbers as numbers, relative as they were given', async () => {
    expect(await expand('*.jpg')).toEqual(['[1].jpg', '1.jpg', '2.jpg', '10.jpg']);
    const here = relative('.', scratch);
    expect((await expandPatterns([`${here}/?0.jpg`])).paths).toEqual([join(here, '10.jpg')]);
  });

  it('leave a folder that is there what it is, whatever is in its name', async () => {
    expect(await expand('run (1)/*.jpg')).toEqual(['run (1)/6.jpg']);
  });

  it('look below a folder, which is told', async () => {
    const { roots } = await expandPatterns([join(scratch, 'in/**/*.jpg'), join(scratch, '*.jpg')]);
    expect(roots).toEqual([join(scratch, 'in'), scratch]);
  });

  it.each(['bags/**', 'bags/*', 'bags/*/*'])('%s leaves what rosbag2 wrote whole', async (pattern) => {
    expect(await expand(pattern)).toEqual(['bags/one', 'bags/two']);
  });

  it('take a folder in parts where these are matched, too', async () => {
    expect(await expand('in/**')).toEqual(['in/5.jpg', 'in/deep/4.jpg']);
  });

  it('leave alone what is there, and addresses of stores', async () => {
    expect(await expand('[1].jpg', 'a b.png')).toEqual(['[1].jpg', 'a b.png']);
    const told = ['s3://bags/*.mcap', 'missing.jpg'];
    expect(await expandPatterns(told)).toEqual({ paths: told, roots: told });
  });

  it.each(['*.webp', 'nowhere/*.jpg', 'no (1).jpg'])(
    '%s, which matches nothing, is refused',
    async (pattern) => {
      await expect(expand(pattern)).rejects.toThrow(
        `${join(scratch, pattern)} does not exist, and as a pattern it matches nothing`,
      );
    },
  );
});
