import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { limits } from '#dist/core/limits.js';
import { itemOfPackage } from '../../../scripts/package/spdx.mjs';
import { directDependencies, packagesNeededBy } from '../../../scripts/package/npmPackages.mjs';

const read = (path: string) => readFileSync(path, 'utf8');

describe('docs/security.md', () => {
  it('names every limit of the code with its number, and no other', () => {
    const section = read('docs/security.md').split('## Limits\n')[1]!.split('\n## ')[0]!;
    const rows = [...section.matchAll(/^\| `(\w+)` \| (\d+) \| (.+) \|$/gm)];
    expect(Object.fromEntries(rows.map(([, name, most]) => [name, Number(most)]))).toEqual({ ...limits });
    for (const [, name, , rest] of rows) expect(rest!.split('|').length, name).toBe(2);
  });

  it.each([
    [
      'native/common/picture_size.h',
      /kMaxCompressedPixels = 1U << (\d+)/,
      Math.log2(limits.compressedPixels),
    ],
    ['native/common/picture_view.cc', /kMaxEdgePx = 1 << (\d+)/, Math.log2(limits.sidePx)],
    ['native/core/requests.h', /kMaxSidePx = (\d+)/, limits.compressedSidePx],
    ['native/core/jpeg_decoder.cc', /kMaxScans = (\d+)/, limits.jpegScans],
    ['native/core/pixels.h', /kMaxReduction = (\d+)/, limits.reduction],
    ['native/common/picture_message.cc', /kMaxTextBytes = (\d+)/, limits.messageTextBytes],
  ])('%s has the same number', (path, pattern, most) => {
    expect(Number(pattern.exec(read(path))?.[1])).toBe(most);
  });
});

function filesBelow(folder: string, pattern: RegExp): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => pattern.test(name))
    .map((name) => join(folder, name));
}

describe('no shell', () => {
  const sources = [...filesBelow('src', /\.ts$/), ...filesBelow('scripts', /\.[cm]js$/)];

  it('is handed a text by any program of ours', () => {
    expect(sources.length).toBeGreaterThan(300);
    // exec of child_process, its promise, and the option by which the others take one.
    const shells =
      /import\s*\{[^}]*\b(?:exec|execSync)\b[^}]*\}\s*from 'node:child_process'|\bshell: (?!false)/;
    expect(sources.filter((path) => shells.test(read(path)))).toEqual([]);
  });

  it('and none of the native code runs programs', () => {
    const native = filesBelow('native', /^(?:common|core|hbmem|dnn_abi)\/.*\.(?:cc|h)$/);
    expect(native.length).toBeGreaterThan(50);
    expect(
      native.filter((path) => /\b(?:system|popen|exec[lv]p?e?|posix_spawnp?)\s*\(/.test(read(path))),
    ).toEqual([]);
  });
});

describe('licences of what runs', () => {
  /** Each asks for its text to be kept, which packages do, and for nothing of the programs around it. */
  const allowed = new Set([
    ...[
      'MIT',
      'MIT-0',
      'ISC',
      'Apache-2.0',
      'BSD-2-Clause',
      'BSD-3-Clause',
      '0BSD',
      'BlueOak-1.0.0',
      'CC0-1.0',
      'Unlicense',
    ],
    ...['Zlib', 'Python-2.0', 'Bitstream-Vera', 'CC-BY-4.0', 'WTFPL'],
    // A library of its own, loaded at run time and exchangeable: libvips.
    'LGPL-3.0-or-later',
  ]);

  it.each(['x64', 'arm64'])('are ones that we take, on %s', (arch) => {
    const packages = packagesNeededBy(directDependencies(), { platform: 'linux', arch }).map(itemOfPackage);
    expect(packages.length).toBeGreaterThan(50);
    const foreign = packages.filter(({ licence }) => {
      const terms = (licence ?? 'none stated').replaceAll(/[()]/g, '').split(' AND ');
      return !terms.every((term) => term.split(' OR ').some((one) => allowed.has(one)));
    });
    expect(foreign.map(({ name, version, licence }) => `${name} ${version}: ${licence}`)).toEqual([]);
  });
});
