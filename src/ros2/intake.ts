import { prefixOf } from '../config/cameras.js';
import { toRegion } from '../config/options.js';
import type { ParameterValues } from '../config/schema.js';
import { describeError } from '../core/errors.js';
import type { FrameLease } from '../core/frame.js';
import { RateThinner } from '../pipeline/rateThinner.js';
import type { HbmemInputOptions } from './hbmemInput.js';
import type { CameraLine } from './loadedModel.js';
import type { ThrottledLog } from './rcl/throttledLog.js';
import type { RosLifecycleNode } from './rcl/rosLifecycleNode.js';
import type { InputCounters } from './report.js';

/** A camera's frames, from activate to deactivate. */
export interface CameraInput {
  /** Resolved topic name. */
  readonly topic: string;
  /** Why no frame comes, or how many never arrive and why; null while all is well. */
  readonly warning: string | null;
  readonly counters: InputCounters;
  /** No frame comes after this; those in work stay readable. */
  stop(): void;
}

/** What inputs are opened with. */
export interface IntakeMeans {
  readonly ros: RosLifecycleNode;
  /** Variables of the user that keep shared memory off in this process; none where it is on. */
  readonly sharedMemoryOffBy: readonly string[];
  /** The parameters at this moment. */
  readonly values: () => ParameterValues;
  /** Subscribes at once; throws SegError. */
  readonly openInput: (ros: RosLifecycleNode, options: HbmemInputOptions) => CameraInput;
  readonly warnings: ThrottledLog;
}

/** The inputs of all cameras while frames are taken: opened together, or none, and ended together. */
export class Intake {
  readonly #means: IntakeMeans;
  readonly #inputs: { readonly line: CameraLine; readonly input: CameraInput }[] = [];

  /** Lets frames into the pipelines of the lines; throws SegError where an input cannot be opened. */
  constructor(lines: readonly CameraLine[], means: IntakeMeans) {
    this.#means = means;
    try {
      for (const line of lines) {
        line.pipeline.activate();
        line.outputs.depth.start();
        this.#inputs.push({ line, input: this.#open(line) });
      }
    } catch (error) {
      for (const line of lines) endResults(line);
      this.stop();
      throw error;
    }
  }

  /** Resolved names of the cameras' topics, for people. */
  get topics(): string {
    return this.#inputs.map(({ input }) => input.topic).join(', ');
  }

  /** That of a camera's line; null of a line that it was not opened for. */
  inputOf(line: CameraLine): CameraInput | null {
    return this.#inputs.find((one) => one.line === line)?.input ?? null;
  }

  /** No frame comes after this, and none in work is published. */
  stop(): void {
    for (const { line, input } of this.#inputs) {
      input.stop();
      endResults(line);
      line.tracking.reset();
    }
  }

  #open({ camera, pipeline }: CameraLine): CameraInput {
    const { ros, values, sharedMemoryOffBy, openInput, warnings } = this.#means;
    const prefix = prefixOf(camera);
    const thinner = new RateThinner();
    let isStandingTold = false;
    const isTaken = ({ header, takenMs }: FrameLease) => {
      const maxRateHz = values()['input.max_rate_hz'];
      const isTakenNow = thinner.takes(Number(header.stampNs) / 1e6, takenMs, maxRateHz);
      if (maxRateHz > 0 && thinner.isStanding && !isStandingTold) {
        isStandingTold = true;
        const stamp = header.stampNs === 0n ? 'have no stamps' : 'all have one stamp';
        const what = `frames on ${ros.resolveTopic(camera.topic)} ${stamp}: input.max_rate_hz goes by the times at which they come`;
        ros.log('warn', `${prefix}${what}`);
      }
      return isTakenNow;
    };
    return openInput(ros, {
      topicName: camera.topic,
      choice: values(),
      frameId: camera.frameId ?? values().frame_id,
      region: () => toRegion(values()),
      sharedMemoryOffBy,
      elapsedMs: () => ros.clock.elapsedMs(),
      onFrame: (frame) => {
        if (isTaken(frame)) pipeline.offer(frame);
        else {
          frame.close();
          pipeline.stats.countUnoffered('thinned');
        }
      },
      onRejected: (error) => {
        pipeline.stats.countUnoffered(error.code);
        warnings.log(`${prefix}${error.code}`, `${prefix}frame dropped: ${describeError(error)}`);
      },
      onSuperseded: (count) => pipeline.stats.countUnoffered('superseded', count),
    });
  }
}

/** None in work is published after this, nor one that waits for depth. */
function endResults({ pipeline, outputs }: CameraLine): void {
  void pipeline.deactivate();
  outputs.depth.stop();
}
