import type { ModelInfo } from '../../core/ports.js';
import type { FrameResult, PreviewImage } from '../../core/result.js';
import type { ResultOutput } from '../../outputs/output.js';
import type { EndedTracks } from '../../core/tracks.js';
import type { PipelineSnapshot } from '../../pipeline/stats.js';

/** What an output may want to know beside the result. */
export interface ResultContext {
  readonly model: ModelInfo;
  /** Of the frame, where it was asked for; whoever takes it gives its bytes back by `recyclePreview`. */
  readonly preview: PreviewImage | null;
  recyclePreview(rgba: ArrayBuffer): void;
  /** The result was dropped before all outputs had it: what has ended with it is told with another. */
  tellAgain(tracks: EndedTracks | null): void;
  /** What the pipeline has counted. */
  snapshot(): PipelineSnapshot;
}

/** An output of the node, which may draw pictures and keep timers. */
export interface Output extends Omit<ResultOutput, 'publish'> {
  publish(result: FrameResult, context: ResultContext): void;
  /** Ends what it has beside its topics, which are closed where they were opened. */
  close?(): void;
}
