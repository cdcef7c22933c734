import type { GroupEnd, GroupRun } from '../process/processGroup.js';

/** A tool of the vendor that a compilation runs. */
export type VendorTool = 'hb_mapper' | 'hb_model_modifier' | 'hb_model_info';

/** One call of a vendor's tool, or of the Python that has their packages. */
export interface ToolCall extends Pick<GroupRun, 'onAnswer' | 'onStart'> {
  readonly tool: VendorTool | 'python';
  readonly args: readonly string[];
  /** A folder of the workspace; the arguments name files of the workspace as seen from it. */
  readonly cwd: string;
  readonly signal: AbortSignal;
  readonly onText: (text: string) => void;
}

/** A way of running the vendor's tools. */
export interface ToolRunner {
  /** What the results depend on: versions, or the image. */
  readonly identity: string;
  readonly run: (call: ToolCall) => Promise<GroupEnd>;
}
