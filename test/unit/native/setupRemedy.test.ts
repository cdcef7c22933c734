import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { remediesAt } from '#dist/native/setupRemedy.js';

const folder = mkdtempSync(join(tmpdir(), 'remedies-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A program that lies in a folder with these files. */
function home(name: string, ...files: string[]): string {
  const path = join(folder, name);
  for (const file of files) {
    mkdirSync(join(path, file, '..'), { recursive: true });
    writeFileSync(join(path, file), '');
  }
  return path;
}

const link = join(folder, 'linked');
const texts = (path: string) => Object.values(remediesAt(path, link)).join('; ');

it('names set-up in a checkout alone', () => {
  expect(texts(home('checkout', 'scripts/setup.mjs'))).toContain('npm run setup');
  expect(texts(home('workspace', 'dist/cli/main.js'))).toContain('colcon build');
  for (const path of [home('workspace'), home('unpacked', 'bin/rdk-yolo-seg-prepare')])
    expect(texts(path)).not.toMatch(/npm|\.ros\//);
});

it('names the program that prepares a package as it can be called: by its path, or by its name where dpkg has linked it', () => {
  const unpacked = home('package', 'bin/rdk-yolo-seg-prepare');
  const program = join(unpacked, 'bin/rdk-yolo-seg-prepare');
  expect(remediesAt(unpacked, link).setup).toBe(program);
  // Another one is installed.
  symlinkSync(join(home('other', 'bin/rdk-yolo-seg-prepare'), 'bin/rdk-yolo-seg-prepare'), link);
  expect(remediesAt(unpacked, link).setup).toBe(program);
  rmSync(link);
  symlinkSync(program, link);
  expect(remediesAt(unpacked, link)).toMatchObject({
    setup: 'sudo rdk-yolo-seg-prepare',
    installRos: 'sudo rdk-yolo-seg-prepare names the apt packages that are missing',
  });
});
