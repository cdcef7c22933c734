import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { NamedOutput } from '#dist/model/namedHeads.js';
import { removeStage, type Tooling } from '#dist/toolchain/compile/stages.js';
import { venvRunner } from '#dist/toolchain/compile/venvRunner.js';
import { Workspace } from '#dist/toolchain/compile/workspace.js';
import { inspectToolchain } from '#dist/toolchain/install/toolchainFolder.js';
import { makeToolchain } from './standInTools.js';

const channels = [32, 64, 5];
const first = { coef: 0, box: 3, cls: 6 };

/** The heads of the stand-in, with these meanings of `output0`, `output3` and `output6` and those that follow them. */
function headsOf(starts: Readonly<Record<'cls' | 'box' | 'coef', number>>): NamedOutput[] {
  const heads = (['cls', 'box', 'coef'] as const).flatMap((role) =>
    [8, 16, 32].map((downsample, level): NamedOutput => {
      const cells = 320 / downsample;
      const dims = [1, cells, cells, channels[starts[role] / 3]!];
      return { role, downsample, output: `output${starts[role] + level}`, dims };
    }),
  );
  return [...heads, { role: 'proto', downsample: 4, output: 'output9', dims: [1, 80, 80, 32] }];
}

it('removes anew where the outputs have another meaning, which decides what stays a float', async () => {
  const scratch = mkdtempSync(join(tmpdir(), 'remove-stage-'));
  const workspace = await Workspace.open(join(scratch, 'work'));
  try {
    const state = await inspectToolchain(makeToolchain(join(scratch, 'toolchain')));
    const signal = new AbortController().signal;
    const tooling: Tooling = { runner: venvRunner(state), workspace, signal, onProgress: () => {} };
    const folder = join(workspace.path, 'convert');
    mkdirSync(join(folder, 'm'), { recursive: true });
    writeFileSync(join(folder, 'm', 'm.bin'), JSON.stringify({ config: '', removed: [] }));
    const converted = { folder, key: 'k', isKept: true, seconds: 0 };
    const keptFloat = new Set(['cls'] as const);
    const remove = (heads: NamedOutput[]) =>
      removeStage(tooling, { converted, prefix: 'm', heads, keptFloat });
    const floats = (binPath: string) => {
      const { removed } = JSON.parse(readFileSync(binPath, 'utf8')) as { removed: string[] };
      return ['cv2', 'cv3', 'cv4'].filter((layer) => !removed.some((node) => node.includes(layer)));
    };
    expect(floats((await remove(headsOf(first))).binPath)).toEqual(['cv3']);
    const other = await remove(headsOf({ ...first, cls: first.coef, coef: first.cls }));
    expect(floats(other.binPath)).toEqual(['cv4']);
    expect(other.isKept).toBe(false);
    expect((await remove(headsOf({ ...first, cls: first.coef, coef: first.cls }))).isKept).toBe(true);
  } finally {
    await workspace.close();
    rmSync(scratch, { recursive: true });
  }
});
