import type { OracleResult } from '../../oracle/oracle.js';

/** What a contestant found in a scene and the CPU time it took, medians over the repeats. */
export interface ContestantResult extends OracleResult {
  readonly name: string;
  readonly objectCount: number;
  /** The scan with the boxes of the cells above the threshold. */
  readonly scanMs: number;
  readonly nmsMs: number;
  readonly masksMs: number;
  readonly totalMs: number;
}

export interface ContestantRequest {
  readonly repeats?: number;
  /** Else `detections` are empty. */
  readonly withDetections?: boolean;
}

export function runBaseline(program: string, folder: string, request?: ContestantRequest): ContestantResult[];
export function runNumpy(
  python: string,
  folder: string,
  way: 'lean' | 'plain',
  request?: ContestantRequest,
): ContestantResult[];
export function findNumpyPython(): string | null;
