import { type LifecycleInternals, mendLifecycleServices, transitionsAnswer } from './lifecycleServices.js';
import { rclnodejs } from './rclnodejs.js';
import { RosNode } from './rosNode.js';
import { ThrottledLog } from './throttledLog.js';

/** What a lifecycle callback may answer. */
export type TransitionOutcome = 'success' | 'failure';

/** Lifecycle callbacks; rclnodejs calls them synchronously and none of them may throw. */
export interface LifecycleCallbacks {
  configure(): TransitionOutcome;
  activate(): TransitionOutcome;
  deactivate(): TransitionOutcome;
  cleanup(): TransitionOutcome;
  shutdown(): TransitionOutcome;
}

/** A node with the managed life cycle and its services. */
export class RosLifecycleNode extends RosNode {
  readonly #lifecycle: rclnodejs.lifecycle.LifecycleNode;

  constructor(node: rclnodejs.lifecycle.LifecycleNode) {
    super(node);
    this.#lifecycle = node;
    const internals = node as unknown as LifecycleInternals;
    const refusals = new ThrottledLog((text) => this.log('warn', text));
    mendLifecycleServices(internals, (kind, text) => refusals.log(kind, text));
    // rcl has made this service, but rclnodejs 2.2 has no way to take its requests: a second server answers them.
    this.createService('lifecycle_msgs/srv/GetAvailableTransitions', '~/get_transition_graph', () =>
      transitionsAnswer(internals.transitions),
    );
  }

  /** `unconfigured`, `inactive`, `active` or `finalized`. */
  get state(): string {
    return (this.#lifecycle.currentState as unknown as { label: string }).label;
  }

  registerCallbacks(callbacks: LifecycleCallbacks): void {
    const code = (outcome: TransitionOutcome) =>
      outcome === 'success'
        ? rclnodejs.lifecycle.CallbackReturnCode.SUCCESS
        : rclnodejs.lifecycle.CallbackReturnCode.FAILURE;
    this.#lifecycle.registerOnConfigure(() => code(callbacks.configure()));
    this.#lifecycle.registerOnActivate(() => code(callbacks.activate()));
    this.#lifecycle.registerOnDeactivate(() => code(callbacks.deactivate()));
    this.#lifecycle.registerOnCleanup(() => code(callbacks.cleanup()));
    this.#lifecycle.registerOnShutdown(() => code(callbacks.shutdown()));
  }

  configure(): void {
    this.#lifecycle.configure();
  }

  activate(): void {
    this.#lifecycle.activate();
  }

  deactivate(): void {
    this.#lifecycle.deactivate();
  }

  cleanup(): void {
    this.#lifecycle.cleanup();
  }

  shutdown(): void {
    this.#lifecycle.shutdown();
  }
}
