import { chooseDefaultModel } from '../backends/defaultModel.js';
import { describeNameless } from '../backends/manifestFile.js';
import { type CameraPlan, camerasOf, prefixOf } from '../config/cameras.js';
import { toPostprocessOptions, toSessionOptions, toTrackingOptions } from '../config/options.js';
import type { ParameterValues } from '../config/schema.js';
import { ParameterStore, type PreparedValues } from '../config/store.js';
import { counted, valueText } from '../core/words.js';
import { ConfigError, describeError, type FrameError, ModelContractError, SegError } from '../core/errors.js';
import type { FrameHeader } from '../core/frame.js';
import type { BackendSession, SessionOptions } from '../core/ports.js';
import { TrackIds } from '../core/tracks.js';
import { whyNoClassName } from '../files/namesFile.js';
import { returnFreedMemory } from '../native/core.js';
import { CdrWriter } from '../messages/cdrWriter.js';
import { Diagnostics } from './diagnostics.js';
import { Intake, type IntakeMeans } from './intake.js';
import { LoadedModel, type OpenModel, type ResultOptions, type TrackHistory } from './loadedModel.js';
import { Outputs } from './outputs/outputs.js';
import {
  type ParameterChanges,
  ParameterServices,
  type PreparedChange,
} from './parameters/parameterServices.js';
import { NextSteps } from './nextSteps.js';
import { nodeDeclarations } from './parameters/parameters.js';
import type { RosLifecycleNode, TransitionOutcome } from './rcl/rosLifecycleNode.js';
import { ThrottledLog } from './rcl/throttledLog.js';
import { SelfReport } from './selfReport.js';
import { depthTopicNames, nodeTopicsOf, refuseSharedTopics, type TopicName } from './topicNames.js';
import { UntoldTracks } from '../tracking/untoldTracks.js';
import { qosOverrideProblems } from './unusedArguments.js';

/** Where the node is: what it takes from the outside, so that it can be tested without a graph and a board. */
export interface NodeEnvironment {
  /** Variables of the user that keep shared memory off in this process; none where it is on. */
  readonly sharedMemoryOffBy: readonly string[];
  /** Blocks until the model is open, within a time limit; throws SegError. */
  readonly openSession: (backend: string, options: SessionOptions) => BackendSession;
  readonly openInput: IntakeMeans['openInput'];
}

interface Unconfigured {
  readonly name: 'unconfigured';
  /** Why the model before is no longer there, if its session died. */
  readonly death: string | null;
}

/** Owns the model and the outputs of each camera, which outlive a change of model. */
interface Inactive {
  readonly name: 'inactive';
  readonly outputs: readonly Outputs[];
  readonly loaded: LoadedModel;
}

/** Owns the inputs, too; there are none while the node is disabled. */
interface Active {
  readonly name: 'active';
  readonly outputs: readonly Outputs[];
  readonly loaded: LoadedModel;
  readonly intake: Intake | null;
}

/** Throws ConfigError where the filter names a class that the model lacks. */
function resultOptions(values: ParameterValues, classNames: readonly string[]): ResultOptions {
  return { postprocess: toPostprocessOptions(values, classNames), tracking: toTrackingOptions(values) };
}

/** Throws ConfigError for a file of names, which would be taken for the name of the only class. */
function refuseNamesFile(names: readonly string[]): void {
  const [name] = names;
  const why = names.length === 1 && name !== undefined ? whyNoClassName(name) : null;
  if (why !== null)
    throw new ConfigError('class_names', `model.class_names is ${valueText(names)}: ${why}`, { names });
}

/**
 * The segmentation node: wires parameters, life cycle, and for each camera input, pipeline and outputs.
 *
 * rclnodejs calls the lifecycle callbacks synchronously; they answer success or failure and never throw.
 */
export class YoloSegNode {
  /** Every topic of its own, for checks of what users name. */
  readonly topics: readonly TopicName[];
  readonly #ros: RosLifecycleNode;
  readonly #environment: NodeEnvironment;
  readonly #store: ParameterStore;
  readonly #cameras: readonly CameraPlan[];
  readonly #diagnostics: Diagnostics;
  readonly #nextSteps: NextSteps;
  readonly #selfReport: SelfReport;
  readonly #warnings: ThrottledLog;
  /** No id is used again while the node lives, and what ends with a model is told by the next one. */
  readonly #tracks: TrackHistory;
  /** Sessions that are ending; `close` waits for them. */
  readonly #closing = new Set<Promise<void>>();
  #state: Unconfigured | Inactive | Active = { name: 'unconfigured', death: null };
  /** Why the last transition failed; null where it did not. */
  #failure: string | null = null;

  /** Declares parameters; throws ConfigError when overrides or remappings of the command line or a file cannot be used. */
  constructor(ros: RosLifecycleNode, environment: NodeEnvironment) {
    this.#ros = ros;
    this.#environment = environment;
    const overrides = ros.parameterOverrides;
    this.#store = new ParameterStore(overrides, (values) => {
      const cameras = camerasOf(values);
      const topics = [...nodeTopicsOf(cameras), ...depthTopicNames(values, cameras)];
      return qosOverrideProblems(overrides, topics, ros);
    });
    this.#cameras = camerasOf(this.#values);
    this.#tracks = { ids: new TrackIds(), untold: this.#cameras.map(() => new UntoldTracks()) };
    this.topics = nodeTopicsOf(this.#cameras);
    refuseSharedTopics(this.topics, ros);
    this.#followClock();
    const parameters = new ParameterServices(ros, {
      declarations: nodeDeclarations,
      value: (name) => this.#store.value(name),
      prepare: (changes) => this.#prepareChange(changes),
    });
    ros.createService('std_srvs/srv/SetBool', '~/set_enabled', ({ data }: { readonly data: boolean }) => {
      const { successful, reason } = parameters.set({ enabled: data });
      const state = ros.state === 'active' ? '' : `; the node is ${ros.state}`;
      const done = `${data ? 'enabled' : 'disabled'}${state}`;
      return { success: successful, message: successful ? done : reason };
    });
    this.#warnings = new ThrottledLog((text) => ros.log('warn', text));
    this.#nextSteps = new NextSteps(ros.fullName);
    this.#selfReport = new SelfReport(ros, this.#cameras);
    this.#diagnostics = new Diagnostics(ros, () => this.#takeReport());
    this.#diagnostics.publishEvery(this.#values['diagnostic_updater.period']);
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
  }

  /** Configures and activates if the parameter says so; a failure is logged and leaves the node as it is. */
  autostart(): void {
    if (!this.#values.autostart) {
      this.#ros.log('info', `autostart is false, the node waits for: ${this.#nextSteps.waitsFor()}`);
      return;
    }
    this.#ros.configure();
    if (this.#ros.state === 'inactive') this.#ros.activate();
  }

  /** Stops intake, returns loans, drains frames in work and ends the session. */
  async close(): Promise<void> {
    // First, so that its last report still has the counters of model and input.
    this.#diagnostics.stop();
    this.#cleanup();
    this.#selfReport.stop();
    await Promise.all(this.#closing);
  }

  get #values(): ParameterValues {
    return this.#store.values;
  }

  /** The model, outputs and perhaps input; null while there is none. */
  get #configured(): Inactive | Active | null {
    return this.#state.name === 'unconfigured' ? null : this.#state;
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
      const isCorrectable = error instanceof ConfigError || error instanceof ModelContractError;
      this.#ros.log('info', `to try again: ${this.#nextSteps.again(name, isCorrectable)}`);
      return 'failure';
    }
  }

  #configure(): void {
    const open = this.#open(this.#values);
    const outputs: Outputs[] = [];
    try {
      const means = { values: () => this.#values, writer: new CdrWriter() };
      const explain = (error: unknown) => this.#warnings.log('overlay', `overlay: ${describeError(error)}`);
      for (const camera of this.#cameras) outputs.push(new Outputs(this.#ros, camera, means, explain));
      this.#take(outputs, open);
    } catch (error) {
      for (const ofCamera of outputs) ofCamera.close();
      this.#end(open.session);
      throw error;
    }
  }

  #activate(): void {
    if (this.#state.name !== 'inactive')
      throw new SegError('state', `the node is ${this.#state.name}, not inactive`);
    const { outputs, loaded } = this.#state;
    const intake = this.#values.enabled ? this.#takeFrames(loaded) : null;
    this.#state = { name: 'active', outputs, loaded, intake };
    const source = intake?.topics ?? 'disabled by the parameter enabled: nothing';
    this.#ros.log('info', `active: ${source} -> ${loaded.model.path}`);
  }

  /** Lets frames into the pipelines; throws SegError where an input cannot be opened. */
  #takeFrames({ lines }: LoadedModel): Intake {
    return new Intake(lines, {
      ...this.#environment,
      ros: this.#ros,
      values: () => this.#values,
      warnings: this.#warnings,
    });
  }

  #deactivate(): void {
    if (this.#state.name !== 'active') return;
    const { outputs, loaded, intake } = this.#state;
    this.#state = { name: 'inactive', outputs, loaded };
    intake?.stop();
  }

  #cleanup(): void {
    this.#deactivate();
    if (this.#state.name !== 'inactive') return;
    const { outputs, loaded } = this.#state;
    this.#state = { name: 'unconfigured', death: loaded.death };
    for (const ofCamera of outputs) ofCamera.close();
    this.#end(loaded);
  }

  #modelPath({ 'model.path': path, 'backend.name': backend }: ParameterValues): string {
    if (path !== 'auto') return path;
    const choice = chooseDefaultModel(backend);
    this.#ros.log('info', `model.path auto: ${choice.path} (${choice.why})`);
    return choice.path;
  }

  /** Loads the model of these values; throws SegError where it cannot be loaded or lacks a class of the filter. */
  #open(values: ParameterValues): OpenModel {
    refuseNamesFile(values['model.class_names']);
    const options = toSessionOptions(values, this.#modelPath(values));
    const session = this.#environment.openSession(values['backend.name'], options);
    const { path, inputWidthPx, inputHeightPx, classNames, headForm, backend } = session.model;
    const classes = counted(classNames.length, 'class', 'classes');
    this.#ros.log(
      'info',
      `model ${path}: ${inputWidthPx}x${inputHeightPx}, ${classes}, ${headForm}, backend ${backend}`,
    );
    if (session.postprocess?.choice)
      this.#ros.log(
        'info',
        `postprocess.workers -1: ${session.postprocess.workers} (${session.postprocess.choice})`,
      );
    const nameless = describeNameless(path, classNames);
    if (nameless !== null) this.#ros.log('warn', nameless);
    try {
      return { session, ...resultOptions(values, classNames) };
    } catch (error) {
      this.#end(session);
      throw error;
    }
  }

  /** The open model is the node's from here on. */
  #take(outputs: readonly Outputs[], open: OpenModel): void {
    const loaded = new LoadedModel(open, outputs, this.#ros.clock, this.#tracks, {
      onDrop: (camera, reason, header, error) => this.#explainDrop(camera, reason, header, error),
      onDeath: (death) => this.#leaveDeadSession(death),
    });
    for (const ofCamera of outputs) ofCamera.announce(loaded.model);
    this.#state = { name: 'inactive', outputs, loaded };
  }

  #end(session: { close(): Promise<void> }): void {
    const ending = session
      .close()
      .catch((error) => this.#ros.log('error', `session did not close: ${describeError(error)}`));
    this.#closing.add(ending);
    void ending.finally(() => {
      this.#closing.delete(ending);
      if (this.#closing.size === 0) returnFreedMemory();
    });
  }

  #explainDrop(camera: CameraPlan, reason: string, header: FrameHeader, error: FrameError | null): void {
    if (error === null) return;
    const prefix = prefixOf(camera);
    this.#warnings.log(
      `${prefix}${reason}`,
      `${prefix}frame ${header.sequence} dropped: ${describeError(error)}`,
    );
  }

  /** A dead session is never shown as an empty scene: the node goes back to unconfigured, where the reason stays. */
  #leaveDeadSession(death: string): void {
    this.#ros.log(
      'error',
      `${death}; deactivating; to reload the model: ${this.#nextSteps.again('configure', false)}`,
    );
    if (this.#ros.state === 'active') this.#ros.deactivate();
    if (this.#ros.state === 'inactive') this.#ros.cleanup();
  }

  #prepareChange(changes: ParameterChanges): PreparedChange {
    const { values, commit } = this.#store.prepare(changes, this.#state.name === 'active');
    const change = {
      values,
      commit: () => {
        commit();
        this.#followClock();
        this.#diagnostics.publishEvery(this.#values['diagnostic_updater.period']);
      },
    };
    if (this.#state.name === 'inactive' && this.#store.needsReload(changes))
      return this.#prepareReload(this.#state, change);
    return this.#prepareUpdate(this.#configured, change);
  }

  #prepareUpdate(configured: Inactive | Active | null, change: PreparedValues): PreparedChange {
    if (configured === null) return { commit: () => change.commit(), discard: () => {} };
    const { loaded, outputs } = configured;
    // A filter by class is judged by the names of the model it meets.
    const options = resultOptions(change.values, loaded.model.classNames);
    const begun = this.#prepareInput(configured, change.values);
    const commit = () => {
      change.commit();
      loaded.use(options);
      for (const ofCamera of outputs) ofCamera.announce(loaded.model);
      this.#follow(configured, begun);
    };
    return { commit, discard: () => begun?.stop() };
  }

  /** The inputs of an active node that is to be enabled, open before the change is taken, so that a failure refuses it. */
  #prepareInput(configured: Inactive | Active, { enabled }: ParameterValues): Intake | null {
    if (configured.name !== 'active' || configured.intake !== null || !enabled) return null;
    return this.#takeFrames(configured.loaded);
  }

  /** Takes the inputs that were opened, or ends those of a node that is disabled now. */
  #follow(configured: Inactive | Active, begun: Intake | null): void {
    if (configured.name !== 'active') return;
    if (begun !== null) {
      this.#state = { ...configured, intake: begun };
      this.#ros.log('info', `enabled: frames are taken from ${begun.topics}`);
    } else if (configured.intake !== null && !this.#values.enabled) {
      this.#state = { ...configured, intake: null };
      configured.intake.stop();
      this.#ros.log('info', 'disabled: no frames are taken, and the model stays loaded');
    }
  }

  #followClock(): void {
    this.#ros.clock.simulate(this.#store.value('use_sim_time') === true);
  }

  /** Loads with the new values before they are taken, so that a failure leaves the working model in place. */
  #prepareReload({ outputs, loaded: previous }: Inactive, change: PreparedValues): PreparedChange {
    let open: OpenModel;
    try {
      open = this.#open(change.values);
    } catch (error) {
      throw new ConfigError('reload', `${describeError(error)}; ${previous.model.path} stays loaded`);
    }
    const commit = () => {
      change.commit();
      this.#take(outputs, open);
      this.#end(previous);
    };
    return { commit, discard: () => this.#end(open.session) };
  }

  #takeReport() {
    const death = this.#state.name === 'unconfigured' ? this.#state.death : this.#state.loaded.death;
    return this.#selfReport.take({
      loaded: this.#configured?.loaded ?? null,
      intake: this.#state.name === 'active' ? this.#state.intake : null,
      error: this.#failure ?? death,
      values: this.#values,
    });
  }
}
