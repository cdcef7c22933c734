import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { LocalStore } from '#dist/offline/store/localStore.js';

function resultIn(): { readonly folder: string; readonly result: string } {
  const folder = mkdtempSync(join(tmpdir(), 'local-store-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const result = join(folder, 'result');
  writeFileSync(result, 'one');
  return { folder, result };
}

it('a result goes into folders that are made for it, and leaves one that is there', async () => {
  const { folder, result } = resultIn();
  const store = new LocalStore(join(folder, 'out'));
  expect(await store.putIfAbsent('a/b/x.jsonl', result)).toBe(true);
  writeFileSync(result, 'two');
  expect(await store.putIfAbsent('a/b/x.jsonl', result)).toBe(false);
  expect(readdirSync(join(folder, 'out', 'a', 'b'))).toEqual(['x.jsonl']);
  expect(readFileSync(join(folder, 'out', 'a', 'b', 'x.jsonl'), 'utf8')).toBe('one');
});

it('workers of one process number, as containers have them, leave one whole result of each key', async () => {
  const { folder } = resultIn();
  const sizeBytes = 4_000_000;
  const files = ['a', 'b', 'c', 'd'].map((letter) => {
    const path = join(folder, letter);
    writeFileSync(path, letter.repeat(sizeBytes));
    return path;
  });
  for (const key of ['1', '2', '3', '4', '5']) {
    const stores = files.map(() => new LocalStore(join(folder, 'out')));
    const won = await Promise.all(stores.map((store, i) => store.putIfAbsent(key, files[i]!)));
    expect(won.filter(Boolean)).toHaveLength(1);
    const whole = readFileSync(files[won.indexOf(true)]!);
    expect(readFileSync(join(folder, 'out', key)).equals(whole)).toBe(true);
  }
  expect(readdirSync(join(folder, 'out')).toSorted()).toEqual(['1', '2', '3', '4', '5']);
});

// Node's own way of making several folders at once would not return there.
it('a result is refused where a file system takes no folders', async () => {
  const store = new LocalStore('/proc/rdk-yolo-seg');
  await expect(store.putIfAbsent('a/x.jsonl', resultIn().result)).rejects.toMatchObject({
    name: 'StoreError',
    message: expect.stringMatching(/^cannot write \/proc\/rdk-yolo-seg\/a\/x\.jsonl: /),
  });
});
