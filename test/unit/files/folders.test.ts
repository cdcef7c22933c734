import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checkOutputFolder, makeFolders, makeOutputFolder } from '#dist/files/folders.js';

function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'folders-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

describe('folders for output', () => {
  it('are made with those above them, and may be there', () => {
    const path = join(testFolder(), 'a', 'b', 'c');
    for (let times = 0; times < 2; times++) makeOutputFolder(path);
    expect(statSync(path).isDirectory()).toBe(true);
  });

  it('are checked without being left behind, whether they can be made or not', () => {
    const folder = testFolder();
    writeFileSync(join(folder, 'file'), '');
    mkdirSync(join(folder, 'there'));
    checkOutputFolder(join(folder, 'a', 'b'));
    checkOutputFolder(join(folder, 'there'));
    for (const path of [join(folder, 'file', 'x'), '/proc/a/b', '']) {
      expect(() => checkOutputFolder(path)).toThrow('cannot make the folder');
    }
    expect(readdirSync(folder).toSorted()).toEqual(['file', 'there']);
  });

  it('may be links to folders', () => {
    const folder = testFolder();
    mkdirSync(join(folder, 'away'));
    symlinkSync('away', join(folder, 'link'));
    makeFolders(join(folder, 'link', 'x'));
    expect(statSync(join(folder, 'away', 'x')).isDirectory()).toBe(true);
  });

  it('are refused with the place and the reason', () => {
    const folder = testFolder();
    writeFileSync(join(folder, 'file'), '');
    symlinkSync('nowhere', join(folder, 'broken'));
    const faults = [
      '/proc/a/b',
      join(folder, 'file'),
      join(folder, 'file', 'x'),
      join(folder, 'broken'),
      '',
    ].map((path) => {
      try {
        makeOutputFolder(path);
        return 'taken';
      } catch (error) {
        return (error as Error).message;
      }
    });
    expect(faults).toEqual([
      'cannot make the folder /proc/a/b: /proc takes no files or folders',
      `cannot make the folder ${folder}/file: ${folder}/file is no folder`,
      `cannot make the folder ${folder}/file/x: ${folder}/file is no folder`,
      `cannot make the folder ${folder}/broken: ${folder}/broken is no folder`,
      'cannot make the folder "" (no name): expected a name',
    ]);
  });
});
