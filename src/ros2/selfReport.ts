import type { CameraPlan } from '../config/cameras.js';
import type { ParameterValues } from '../config/schema.js';
import { EventLoopLagMonitor } from '../pipeline/eventLoopLag.js';
import type { Status } from './diagnostics.js';
import { Health, type Problem, worstOf } from './health.js';
import type { Intake } from './intake.js';
import type { LoadedModel } from './loadedModel.js';
import type { RosLifecycleNode } from './rcl/rosLifecycleNode.js';
import { cameraValues, type CameraReport, type NodeReport, nodeValues } from './report.js';

/** What a report is made of at one moment; null is what there is not now. */
export interface ReportedParts {
  readonly loaded: LoadedModel | null;
  readonly intake: Intake | null;
  /** Why the node does not run: its last transition failed, or its session died. */
  readonly error: string | null;
  readonly values: ParameterValues;
}

/** What the node says of itself on /diagnostics, and what it has to keep between two times. */
export class SelfReport {
  readonly #ros: RosLifecycleNode;
  readonly #cameras: readonly { readonly plan: CameraPlan; readonly health: Health }[];
  readonly #lag = new EventLoopLagMonitor();

  /** Begins to watch the event loop. */
  constructor(ros: RosLifecycleNode, cameras: readonly CameraPlan[]) {
    this.#ros = ros;
    this.#cameras = cameras.map((plan) => ({ plan, health: new Health() }));
    this.#lag.start();
  }

  stop(): void {
    this.#lag.stop();
  }

  /**
   * One status of the node, and one of each camera where it has several: then what is wrong with one camera is told there
   * alone. Starts the figures of the event loop anew.
   */
  take(parts: ReportedParts): Status[] {
    const report = this.#report(parts);
    const { error } = parts;
    const ofNode: Problem[] = [
      ...(error === null ? [] : [{ severity: 'error', message: error } as const]),
      ...warnings(this.#ros.clock.warning),
    ];
    const ofCameras = report.cameras.map((camera, index) => this.#judge(index, camera, report, parts));
    const isOne = ofCameras.length === 1;
    const summary = report.isEnabled ? report.state : `${report.state}, disabled`;
    const node = {
      part: 'pipeline',
      problem: worstOf(isOne ? [...ofNode, ...ofCameras.flat()] : ofNode),
      summary,
      hardwareId: report.model?.backend ?? '',
      values: nodeValues(report),
    };
    if (isOne) return [node];
    const cameras = report.cameras.map((camera, index) => ({
      part: camera.name ?? '',
      problem: worstOf(ofCameras[index]!),
      summary,
      hardwareId: this.#ros.resolveTopic(this.#cameras[index]!.plan.topic),
      values: cameraValues(camera),
    }));
    return [node, ...cameras];
  }

  #judge(
    index: number,
    camera: CameraReport,
    report: NodeReport,
    { loaded, intake, values }: ReportedParts,
  ): Problem[] {
    const line = loaded?.lines[index];
    const warning = line === undefined ? null : (intake?.inputOf(line)?.warning ?? null);
    const limits = {
      maxLatencyMs: values['diagnostics.max_latency_ms'],
      minRateHz: values['diagnostics.min_rate_hz'],
    };
    const isTaking = report.state === 'active' && report.isEnabled;
    const { health } = this.#cameras[index]!;
    const depthWarning = line?.outputs.depth.warning ?? null;
    return [
      ...warnings(warning),
      ...warnings(depthWarning),
      ...health.judge(camera, isTaking, limits, performance.now()),
    ];
  }

  #report({ loaded, intake, values }: ReportedParts): NodeReport {
    const report = {
      state: this.#ros.state,
      isEnabled: values.enabled,
      clock: this.#ros.clock.kind,
      model: loaded?.model ?? null,
      postprocess: loaded?.postprocess ?? null,
      cameras: this.#cameras.map(({ plan: { name } }, index): CameraReport => {
        const line = loaded?.lines[index];
        const input = line === undefined ? null : (intake?.inputOf(line) ?? null);
        return {
          name,
          pipeline: line?.pipeline.stats.snapshot() ?? null,
          framesInWork: line?.pipeline.inWork ?? 0,
          input: input?.counters ?? null,
          outputs: line?.outputs.counters ?? [],
          depth: line?.outputs.depth.report ?? null,
          overlayErrors: line?.outputs.overlay.errorCount ?? 0,
        };
      }),
      eventLoopLag: this.#lag.snapshot(),
    };
    this.#lag.reset();
    return report;
  }
}

function warnings(message: string | null): Problem[] {
  return message === null ? [] : [{ severity: 'warn', message }];
}
