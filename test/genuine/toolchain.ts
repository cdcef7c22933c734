import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { venvEnv } from '#dist/toolchain/compile/venvRunner.js';
import { defaultToolchainFolder } from '#dist/toolchain/install/toolchainFolder.js';

/** The vendor's toolchain; these tests run where RDK_YOLO_SEG_TOOLCHAIN names one. */
export const toolchain = defaultToolchainFolder();

/** What a script in the vendor's Python prints. */
export function runPython(args: readonly string[], cwd = '.'): string {
  const python = join(toolchain, 'bin', 'python');
  const options = { cwd, env: venvEnv(toolchain), encoding: 'utf8', stdio: 'pipe' } as const;
  return execFileSync(python, args, options);
}
