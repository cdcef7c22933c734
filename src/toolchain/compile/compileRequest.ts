import type { PreprocessOptions } from '../../core/ports.js';
import type { ModelSummary } from '../info/modelSummary.js';
import type { OutputRole } from '../../model/namedHeads.js';
import type { LogReport } from '../logs/logReport.js';
import type { ConversionChoices, PtqChoices } from '../ptq/ptqConfig.js';
import type { ToolProgress } from './toolProgress.js';
import type { ToolRunner } from './toolRunner.js';

/** What is to be compiled, how, and who is told of it. */
export interface CompileRequest extends Pick<PtqChoices, 'calibrationType'> {
  readonly conversion: ConversionChoices;
  /** A stock export, or a model with raw heads. */
  readonly modelPath: string;
  /** Folder of pictures to calibrate with. */
  readonly images: string;
  readonly calibCount: number;
  readonly preprocess: PreprocessOptions;
  /** Heads whose values the CPU of the board turns into floats; the others come out as integers. */
  readonly keptFloat: ReadonlySet<OutputRole>;
  /** Go on where operators would run on the CPU. */
  readonly allowsCpu: boolean;
  readonly output: string;
  /** Write over results that this command did not make. */
  readonly isForced: boolean;
  /** For the manifest: `rdk-yolo-seg 0.1.0`. */
  readonly madeBy: string;
  /** The way of running the tools; they see no more than the workspace. */
  readonly makeRunner: (workspace: string) => Promise<ToolRunner>;
  readonly signal: AbortSignal;
  readonly onEvent: (event: CompileEvent) => void;
}

/** What happens while a model is compiled: a stage begins, a tool tells how far it is, the stage ends. */
export type CompileEvent =
  | { readonly kind: 'begin'; readonly number: number; readonly count: number; readonly title: string }
  | { readonly kind: 'progress'; readonly progress: ToolProgress }
  | { readonly kind: 'end'; readonly isKept: boolean; readonly seconds: number; readonly detail: string };

/** The files of a compiled model, and what is known of it. */
export interface CompileResult {
  readonly binPath: string;
  readonly binBytes: number;
  readonly manifestPath: string;
  readonly htmlPath: string;
  readonly quantisedPath: string;
  readonly workspace: string;
  readonly report: LogReport;
  /** Pictures it was calibrated with. */
  readonly calibrationCount: number;
  readonly classCount: number;
  /** Null where neither model nor manifest gives names. */
  readonly classNames: readonly string[] | null;
  /** As `model info` gives it. */
  readonly summary: ModelSummary;
}
