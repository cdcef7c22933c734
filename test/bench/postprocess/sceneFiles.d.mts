import type { OracleCase } from '../../oracle/oracle.js';

/** One frame's tensors with all that its post-processing needs. */
export interface Scene extends OracleCase {
  readonly name: string;
}

export function writeScenes(folder: string, scenes: readonly Scene[]): void;
