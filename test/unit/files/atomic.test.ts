import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { writeFileAtomically } from '#dist/files/atomicFile.js';
import { makeFolderAtomically } from '#dist/files/atomicFolder.js';

function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'files-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

describe('a whole file', () => {
  it('replaces the older one and has the mode asked for', async () => {
    const folder = testFolder();
    const path = join(folder, 'a.sh');
    writeFileSync(path, 'old');
    await writeFileAtomically(path, 'new', 0o755);
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(statSync(path).mode & 0o777).toBe(0o755);
    expect(readdirSync(folder)).toEqual(['a.sh']);
  });

  it.each([
    ['in a folder that is not there', 'none/x'],
    ['below a file', 'file/x'],
    ['in place of a folder', 'folder'],
  ])('%s cannot be written, and leaves nothing', async (_, name) => {
    const folder = testFolder();
    writeFileSync(join(folder, 'file'), 'kept');
    mkdirSync(join(folder, 'folder'));
    const failure = writeFileAtomically(join(folder, name), 'x');
    await expect(failure).rejects.toMatchObject({ name: 'ConfigError', code: 'output' });
    expect(readdirSync(folder).sort()).toEqual(['file', 'folder']);
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('kept');
  });

  it('goes where a link leads, and the link stays', async () => {
    const folder = testFolder();
    mkdirSync(join(folder, 'away'));
    writeFileSync(join(folder, 'away', 'file'), 'old');
    symlinkSync('away/file', join(folder, 'link'));
    await writeFileAtomically(join(folder, 'link'), 'new');
    expect(readlinkSync(join(folder, 'link'))).toBe('away/file');
    expect(readFileSync(join(folder, 'away', 'file'), 'utf8')).toBe('new');
    expect(readdirSync(join(folder, 'away'))).toEqual(['file']);
  });

  // Through a link, so that no device is lost where the rule is.
  it('does not take the place of a device', async () => {
    const folder = testFolder();
    symlinkSync('/dev/null', join(folder, 'device'));
    const failure = writeFileAtomically(join(folder, 'device'), 'x');
    await expect(failure).rejects.toThrow(/device: it is no file but a device or pipe; expected a file/);
    expect(readlinkSync(join(folder, 'device'))).toBe('/dev/null');
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
    expect(readdirSync(folder)).toEqual(['device']);
  });

  it('without a name says so', async () => {
    await expect(writeFileAtomically('', 'x')).rejects.toThrow(/cannot write "" \(no name\)/);
  });
});

describe('a whole folder', () => {
  it('takes its name when it is full, and gives back what filled it', async () => {
    const folder = testFolder();
    const seen = await makeFolderAtomically(join(folder, 'made'), async (inside) => {
      writeFileSync(join(inside, 'a'), '');
      return readdirSync(folder);
    });
    expect(seen).not.toContain('made');
    expect(readdirSync(join(folder, 'made'))).toEqual(['a']);
    expect(readdirSync(folder)).toEqual(['made']);
  });

  it('is gone if filling fails, and no signal handler stays', async () => {
    const folder = testFolder();
    const handlers = process.listenerCount('SIGINT');
    const failure = makeFolderAtomically(join(folder, 'made'), async (inside) => {
      writeFileSync(join(inside, 'a'), '');
      throw new Error('no more pictures');
    });
    await expect(failure).rejects.toThrow('no more pictures');
    expect(readdirSync(folder)).toEqual([]);
    expect(process.listenerCount('SIGINT')).toBe(handlers);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('is gone if the process gets %s', async (signal) => {
    const folder = testFolder();
    const module = fileURLToPath(new URL('../../../dist/files/atomicFolder.js', import.meta.url));
    const script = `
      const { makeFolderAtomically } = await import(${JSON.stringify(module)});
      await makeFolderAtomically(${JSON.stringify(join(folder, 'made'))}, async () => {
        console.log('filling');
        await new Promise((resolve) => setTimeout(resolve, 60_000));
      });`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script]);
    await once(child.stdout, 'data');
    expect(readdirSync(folder)).toHaveLength(1);
    child.kill(signal);
    expect(await once(child, 'exit')).toEqual([null, signal]);
    expect(readdirSync(folder)).toEqual([]);
  });
});
