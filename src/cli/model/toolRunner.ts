import { resolve } from 'node:path';
import { Option } from 'commander';
import { dockerRunner } from '../../toolchain/compile/dockerRunner.js';
import type { ToolRunner } from '../../toolchain/compile/toolRunner.js';
import { venvRunner } from '../../toolchain/compile/venvRunner.js';
import { toolchainToCompileWith } from './toolchain.js';

/** Where the vendor's tools are to be had from. */
export interface ToolFlags {
  readonly docker?: string;
  readonly toolchain: string;
}

/** An image to run the vendor's tools in. */
export function dockerOption(): Option {
  return new Option(
    '--docker <image>',
    "run the tools of this image of the vendor's instead, which must be here",
  );
}

/**
 * The vendor's tools as the flags say; they see no more of this machine than the workspace. Throws ConfigError `docker`, and
 * what `toolchainToCompileWith` throws.
 */
export async function makeToolRunner(
  { docker, toolchain }: ToolFlags,
  workspace: string,
  signal: AbortSignal,
): Promise<ToolRunner> {
  if (docker !== undefined) return dockerRunner(docker, workspace);
  return venvRunner(await toolchainToCompileWith(resolve(toolchain), signal));
}
