import type { Progress } from '#dist/record/nodeFigures.js';

/** What was measured in one run of the graph, or of a part of it. */
export interface StageMeasurement {
  readonly name: string;
  readonly rateHz: number;
  /** CPU milliseconds used while `windowMs` passed, by process. */
  readonly cpuMs: Readonly<Record<string, number>>;
  /** Milliseconds their threads waited for a core meanwhile, added up, by process. */
  readonly waitMs: Readonly<Record<string, number>>;
  readonly windowMs: number;
  /** Cores that were busy on average, with all other programs of the machine. */
  readonly busyCores: number;
}

export declare function rateWithin(
  progress: readonly Progress[],
  fromMs: number,
  toMs: number,
): number | null;
export declare function msPerFrame(windowSumMs: number, stage: StageMeasurement): number | null;
export declare function ownCores(stage: StageMeasurement): number;
export declare function formatStageTable(
  stages: readonly StageMeasurement[],
  idealRateHz: number,
  cores: number,
): string;
