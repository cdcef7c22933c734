import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { LineFiles } from '#dist/offline/lineFiles.js';
import type { InputSource } from '#dist/offline/offlineInput.js';

const scratch = mkdtempSync(join(tmpdir(), 'line-files-'));
const picture = { kind: 'pictures', name: 'a' } as unknown as InputSource;

afterAll(() => rmSync(scratch, { recursive: true }));

it('lines of a run that is given up leave neither a file nor the folders that were made for it', async () => {
  const lines = new LineFiles(join(scratch, 'out', 'jsonl'), 'jsonl');
  await lines.add(picture, 'one\n');
  expect(existsSync(join(scratch, 'out', 'jsonl'))).toBe(true);
  await lines.close();
  expect(readdirSync(scratch)).toEqual([]);
});

it('folders that were there stay, and so does what is finished', async () => {
  const [there, made] = [join(scratch, 'there'), join(scratch, 'made')];
  mkdirSync(there);
  const [left, finished] = [new LineFiles(there, 'jsonl'), new LineFiles(made, 'jsonl')];
  for (const lines of [left, finished]) await lines.add(picture, 'one\n');
  await finished.finish();
  for (const lines of [left, finished]) await lines.close();
  expect(readdirSync(there)).toEqual([]);
  expect(readdirSync(made).map((name) => readFileSync(join(made, name), 'utf8'))).toEqual(['one\n']);
});

it('a name that a folder has is refused before the first line, and nothing is left beside it', async () => {
  const folder = join(scratch, 'taken');
  mkdirSync(join(folder, 'pictures.jsonl'), { recursive: true });
  const lines = new LineFiles(folder, 'jsonl');
  await expect(lines.add(picture, 'one\n')).rejects.toMatchObject({
    name: 'ConfigError',
    code: 'output',
    message: `cannot write ${join(folder, 'pictures.jsonl')}: it is a folder; expected a file`,
  });
  await lines.close();
  expect(readdirSync(folder)).toEqual(['pictures.jsonl']);
});

it('a name that a folder gets under way costs the lines, and leaves nothing unfinished', async () => {
  const folder = join(scratch, 'late');
  const lines = new LineFiles(folder, 'jsonl');
  await lines.add(picture, 'one\n');
  mkdirSync(join(folder, 'pictures.jsonl'));
  await expect(lines.finish()).rejects.toMatchObject({ name: 'ConfigError', code: 'output' });
  await lines.close();
  expect(readdirSync(folder)).toEqual(['pictures.jsonl']);
});
