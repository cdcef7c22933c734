import { counted } from '../core/words.js';
import { chooseDefaultModel } from '../backends/defaultModel.js';
import { openSessionSync } from '../backends/registry.js';
import { type Settings, toPostprocessOptions } from '../config/settings.js';
import { ParameterStore, type PreparedSettings } from '../config/store.js';
import { ConfigError, describeError, type FrameError } from '../core/errors.js';
import type { FrameHeader } from '../core/frame.js';
import type { BackendSession } from '../core/ports.js';
import type { FrameResult, PostprocessOptions, PreviewImage } from '../core/result.js';
import { EventLoopLagMonitor } from '../pipeline/eventLoopLag.js';
import { Pipeline } from '../pipeline/pipeline.js';
import { Diagnostics, type Problem } from './diagnostics.js';
import { HbmemInput } from './hbmemInput.js';
import { Outputs } from './outputs.js';
import { OverlayOutput } from './overlayOutput.js';
import { type ParameterChanges, ParameterServices, type PreparedChange } from './parameterServices.js';
import { nodeDeclarations } from './parameters.js';
import type { RosLifecycleNode, TransitionOutcome } from './rcl.js';
import type { NodeReport } from './report.js';
import { ThrottledLog } from './throttledLog.js';
import { qosOverrideProblems } from './unusedArguments.js';

/** How long configure waits for a model; loading one is a matter of a second or two on a board. */
const openTimeoutMs = 60_000;

export interface NodeEnvironment {
  readonly sharedMemoryEnabled: boolean;
}

/** What exists from configure to cleanup. */
interface Configured {
  readonly session: BackendSession;
  readonly pipeline: Pipeline;
  readonly outputs: Outputs;
  readonly overlay: OverlayOutput;
  /** While active. */
  input: HbmemInput | null;
  postprocessOptions: PostprocessOptions;
}

/**
 * The segmentation node: wires parameters, life cycle, input, pipeline and outputs.
 *
 * rclnodejs calls the lifecycle callbacks synchronously; they answer success or failure and never throw.
 */
export class YoloSegNode {
  readonly #ros: RosLifecycleNode;
  readonly #environment: NodeEnvironment;
  readonly #store: ParameterStore;
  readonly #diagnostics: Diagnostics;
  readonly #lag = new EventLoopLagMonitor();
  readonly #rejections: ThrottledLog;
  /** Sessions that are ending; `close` waits for them. */
  readonly #closing = new Set<Promise<void>>();
  #configured: Configured | null = null;
  #failure: string | null = null;

  /** Declares parameters; throws ConfigError when overrides of the command line or a file cannot be used. */
  constructor(ros: RosLifecycleNode, environment: NodeEnvironment) {
    this.#ros = ros;
    this.#environment = environment;
    const overrides = ros.parameterOverrides;
    this.#store = new ParameterStore(overrides, qosOverrideProblems(overrides, ros));
    new ParameterServices(ros, {
      declarations: nodeDeclarations,
      value: (name) => this.#store.value(name),
      prepare: (changes) => this.#prepareChange(changes),
    });
    this.#rejections = new ThrottledLog((text) => ros.log('warn', text));
    this.#diagnostics = new Diagnostics(
      ros,
      () => this.#report(),
      () => this.#problem(),
    );
    ros.registerCallbacks({
      configure: () => this.#transition('configure', () => this.#configure()),
      activate: () => this.#transition('activate', () => this.#activate()),
      deactivate: () =>
        this.#transition('deactivate', () => this.#deactivate(), 'inactive: no frames are taken'),
      cleanup: () =>
        this.#transition('cleanup', () => this.#cleanup(), 'unconfigured: the model is released'),
      shutdown: () =>
        this.#transition('shutdown', () => this.#cleanup(), 'finalized: this node does no more'),
    });
    this.#lag.start();
  }

  /** Configures and activates if the parameter says so; a failure is logged and leaves the node as it is. */
  autostart(): void {
    if (!this.#settings.autostart) {
      const steps = [this.#commandFor('configure'), this.#commandFor('activate')];
      this.#ros.log('info', `autostart is false, the node waits for: ${steps.join(' and then ')}`);
      return;
    }
    this.#ros.configure();
    if (this.#ros.state === 'inactive') this.#ros.activate();
  }

  /** Stops intake, returns loans, drains frames in work and ends the session. */
  async close(): Promise<void> {
    // While there is still something to count.
    this.#diagnostics.stop();
    this.#cleanup();
    this.#lag.stop();
    await Promise.all(this.#closing);
  }

  get #settings(): Settings {
    return this.#store.settings;
  }

  /** @param done Logged where it succeeds. */
  #transition(name: string, run: () => void, done: string | null = null): TransitionOutcome {
    try {
      run();
      this.#failure = null;
      if (done !== null) this.#ros.log('info', done);
      return 'success';
    } catch (error) {
      this.#failure = `${name} failed: ${describeError(error)}`;
      this.#ros.log('error', this.#failure);
      this.#ros.log('info', `to try again: ${this.#commandFor(name)}`);
      return 'failure';
    }
  }

  #commandFor(transition: string): string {
    return `ros2 lifecycle set ${this.#ros.fullName} ${transition}`;
  }

  #defaultModel({ backend }: Settings): string {
    const { path, why } = chooseDefaultModel(backend);
    this.#ros.log('info', `model.path auto: ${path} (${why})`);
    return path;
  }

  #openSession(settings: Settings): BackendSession {
    const modelPath = settings.modelPath === 'auto' ? this.#defaultModel(settings) : settings.modelPath;
    const session = openSessionSync(
      settings.backend,
      {
        modelPath,
        classNames: settings.classNames,
        preprocess: settings.preprocess,
        tasksInFlight: settings.tasksInFlight,
        threads: settings.threads,
        postprocessWorkers: settings.postprocessWorkers,
        bpu: settings.bpu,
      },
      openTimeoutMs,
    );
    const { model } = session;
    this.#ros.log(
      'info',
      `model ${model.path}: ${model.inputWidthPx}x${model.inputHeightPx}, ${counted(model.classNames.length, 'class', 'classes')}, ` +
        `${model.headForm}, backend ${model.backend}`,
    );
    return session;
  }

  #configure(): void {
    const session = this.#openSession(this.#settings);
    try {
      this.#configured = this.#build(session, new Outputs(this.#ros, () => this.#settings));
    } catch (error) {
      this.#endSession(session, null);
      throw error;
    }
  }

  /** Everything that depends on the session; publishers outlive a change of model. */
  #build(session: BackendSession, outputs: Outputs): Configured {
    const postprocessOptions = toPostprocessOptions(this.#settings, session.model.classNames);
    const overlay = new OverlayOutput(outputs, () => this.#settings, {
      recycle: (rgba) => session.recyclePreview(rgba),
      onError: (error) => this.#rejections.log('overlay', `overlay: ${describeError(error)}`),
    });
    const pipeline = new Pipeline({
      session,
      previewRequest: (header) => overlay.previewRequest(header),
      options: () => {
        const options = this.#configured?.postprocessOptions ?? postprocessOptions;
        return outputs.contoursWanted ? options : { ...options, contourTolerancePx: null };
      },
      onResult: (result, preview) => this.#publish(result, preview),
      onDrop: (reason, header, error) => this.#explainDrop(reason, header, error),
      onError: (error) => this.#sessionDied(error),
    });
    outputs.announce(session.model);
    return { session, pipeline, outputs, overlay, input: null, postprocessOptions };
  }

  #activate(): void {
    const configured = this.#require();
    const { pipeline, session } = configured;
    pipeline.activate();
    try {
      configured.input = new HbmemInput(this.#ros, {
        type: this.#settings.hbmemType,
        frameId: this.#settings.frameId,
        sharedMemoryEnabled: this.#environment.sharedMemoryEnabled,
        onFrame: (frame) => pipeline.offer(frame),
        onRejected: (error) => {
          pipeline.stats.countUnoffered(error.code);
          this.#rejections.log(error.code, `frame dropped: ${describeError(error)}`);
        },
        onSuperseded: (count) => pipeline.stats.countUnoffered('superseded', count),
      });
    } catch (error) {
      void pipeline.deactivate();
      throw error;
    }
    this.#ros.log('info', `active: ${configured.input.topic} -> ${session.model.path}`);
  }

  #deactivate(): void {
    if (this.#configured === null) return;
    this.#configured.input?.stop();
    this.#configured.input = null;
    void this.#configured.pipeline.deactivate();
  }

  #cleanup(): void {
    this.#deactivate();
    const configured = this.#configured;
    if (configured === null) return;
    this.#configured = null;
    configured.overlay.close();
    configured.outputs.close();
    this.#endSession(configured.session, configured.pipeline);
  }

  #endSession(session: BackendSession, pipeline: Pipeline | null): void {
    const ending = (async () => {
      await pipeline?.close();
      await session.close();
    })().catch((error) => this.#ros.log('error', `session did not close: ${describeError(error)}`));
    this.#closing.add(ending);
    void ending.finally(() => this.#closing.delete(ending));
  }

  #require(): Configured {
    if (this.#configured === null) throw new ConfigError('unconfigured', 'the node is not configured');
    return this.#configured;
  }

  #publish(result: FrameResult, preview: PreviewImage | null): void {
    const configured = this.#configured;
    if (configured === null) return;
    const { session, outputs, overlay, pipeline } = configured;
    outputs.publishResult(result, session.model);
    if (preview !== null)
      overlay.submit(result, preview, session.model.classNames, pipeline.stats.snapshot());
  }

  #explainDrop(reason: string, header: FrameHeader, error: FrameError | null): void {
    if (error === null) return;
    this.#rejections.log(reason, `frame ${header.sequence} dropped: ${describeError(error)}`);
  }

  /** A dead session is never shown as an empty scene: the node leaves the active state and says why. */
  #sessionDied(error: unknown): void {
    const failure = `inference failed: ${describeError(error)}`;
    this.#ros.log('error', `${failure}; deactivating; to reload the model: ${this.#commandFor('configure')}`);
    if (this.#ros.state === 'active') this.#ros.deactivate();
    if (this.#ros.state === 'inactive') this.#ros.cleanup();
    this.#failure = failure;
  }

  #prepareChange(changes: ParameterChanges): PreparedChange {
    const active = this.#ros.state === 'active';
    const loaded = this.#configured?.session.model ?? null;
    const reloads = loaded !== null && !active && this.#store.needsReload(changes);
    // A filter by class is judged by the names of the model it will meet.
    const classNames = reloads ? null : (loaded?.classNames ?? null);
    const change = this.#store.prepare(changes, { active, classNames });
    return reloads ? this.#prepareReload(change) : this.#prepareUpdate(change);
  }

  #prepareUpdate(change: PreparedSettings): PreparedChange {
    const commit = () => {
      change.commit();
      if (this.#configured === null) return;
      const { session, outputs } = this.#configured;
      this.#configured.postprocessOptions = toPostprocessOptions(change.settings, session.model.classNames);
      outputs.announce(session.model);
    };
    return { commit, discard: () => {} };
  }

  /** Loads with the new values before they are taken, so that a failure leaves the working model in place. */
  #prepareReload(change: PreparedSettings): PreparedChange {
    const previous = this.#require();
    let session: BackendSession | null = null;
    try {
      session = this.#openSession(change.settings);
      toPostprocessOptions(change.settings, session.model.classNames);
    } catch (error) {
      if (session !== null) this.#endSession(session, null);
      const why = `${describeError(error)}; ${previous.session.model.path} stays loaded`;
      throw new ConfigError('reload', why);
    }
    const loaded = session;
    const commit = () => {
      change.commit();
      previous.overlay.close();
      this.#configured = this.#build(loaded, previous.outputs);
      this.#endSession(previous.session, previous.pipeline);
    };
    return { commit, discard: () => this.#endSession(loaded, null) };
  }

  #problem(): Problem | null {
    if (this.#failure !== null) return { severity: 'error', message: this.#failure };
    const warning = this.#configured?.input?.warning ?? null;
    return warning === null ? null : { severity: 'warn', message: warning };
  }

  #report(): NodeReport {
    const configured = this.#configured;
    const report = {
      state: this.#ros.state,
      model: configured?.session.model ?? null,
      pipeline: configured?.pipeline.stats.snapshot() ?? null,
      framesInWork: configured?.pipeline.inWork ?? 0,
      input: configured?.input?.counters ?? null,
      outputs: configured?.outputs.counters ?? [],
      eventLoopLag: this.#lag.snapshot(),
      overlayErrors: configured?.overlay.errorCount ?? 0,
    };
    this.#lag.reset();
    return report;
  }
}
