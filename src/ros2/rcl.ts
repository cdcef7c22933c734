/**
 * The only importer of rclnodejs: a narrow, typed view of what this package uses of it.
 *
 * Importing this module loads rclnodejs, which reads the environment; set the shared-memory variables first
 * (sharedMemoryEnv.ts).
 */
// Before rclnodejs: see there.
import './rclBinary.js';

import rclnodejs from 'rclnodejs';
import { describeError, TransportError } from '../core/errors.js';
import { parameterKeys } from './parameterKeys.js';
import { applyQosOverrides, type EndpointKind, type QosPolicies, qosOverridePrefix } from './qosOverrides.js';
import { rclAddon } from './rclBinary.js';
import type { SeenPublisher } from './watchdog.js';

// Its own SIGINT handler shuts the context down under us, also while rcl_init runs; gone before any signal can meet it.
rclnodejs.removeSignalHandlers();

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'fatal';

export interface RosPublisher {
  /** Resolved topic name. */
  readonly topic: string;
  /** Matched subscriptions at this moment. */
  subscriptionCount(): number;
  /**
   * Hands a serialised (CDR) message to the middleware; the bytes may be reused after the call.
   *
   * Throws TransportError where the middleware does not take it.
   */
  publishRaw(cdr: Uint8Array): void;
  /** Publishes a plain object of the message's form. */
  publish(message: object): void;
  destroy(): void;
}

/** ROS parameter as the update callback sees it. */
export interface RosParameterChange {
  readonly name: string;
  readonly value: unknown;
}

/** What a parameter is declared with. */
export interface RosParameterDeclaration {
  readonly name: string;
  readonly type: 'bool' | 'integer' | 'double' | 'string' | 'string_array';
  readonly value: boolean | number | string | readonly string[];
  readonly description: string;
  readonly readOnly: boolean;
  readonly range: { readonly from: number; readonly to: number } | null;
  /** Free text shown by `ros2 param describe`. */
  readonly constraints: string;
}

export type TransitionOutcome = 'success' | 'failure';

/** Lifecycle callbacks; rclnodejs calls them synchronously and none of them may throw. */
export interface LifecycleCallbacks {
  configure(): TransitionOutcome;
  activate(): TransitionOutcome;
  deactivate(): TransitionOutcome;
  cleanup(): TransitionOutcome;
  shutdown(): TransitionOutcome;
}

const parameterTypes = {
  bool: rclnodejs.ParameterType.PARAMETER_BOOL,
  integer: rclnodejs.ParameterType.PARAMETER_INTEGER,
  double: rclnodejs.ParameterType.PARAMETER_DOUBLE,
  string: rclnodejs.ParameterType.PARAMETER_STRING,
  string_array: rclnodejs.ParameterType.PARAMETER_STRING_ARRAY,
} as const;

/** What rmw calls a node whose endpoints have been discovered before its name. */
const unknownNodeName = '_NODE_NAME_UNKNOWN_';

const { HistoryPolicy, ReliabilityPolicy, DurabilityPolicy } = rclnodejs.QoS;
const historyPolicies = {
  keep_last: HistoryPolicy.RMW_QOS_POLICY_HISTORY_KEEP_LAST,
  keep_all: HistoryPolicy.RMW_QOS_POLICY_HISTORY_KEEP_ALL,
  system_default: HistoryPolicy.RMW_QOS_POLICY_HISTORY_SYSTEM_DEFAULT,
} as const;
const reliabilityPolicies = {
  reliable: ReliabilityPolicy.RMW_QOS_POLICY_RELIABILITY_RELIABLE,
  best_effort: ReliabilityPolicy.RMW_QOS_POLICY_RELIABILITY_BEST_EFFORT,
  system_default: ReliabilityPolicy.RMW_QOS_POLICY_RELIABILITY_SYSTEM_DEFAULT,
} as const;
const durabilityPolicies = {
  volatile: DurabilityPolicy.RMW_QOS_POLICY_DURABILITY_VOLATILE,
  transient_local: DurabilityPolicy.RMW_QOS_POLICY_DURABILITY_TRANSIENT_LOCAL,
  system_default: DurabilityPolicy.RMW_QOS_POLICY_DURABILITY_SYSTEM_DEFAULT,
} as const;

function toQos({ history, depth, reliability, durability }: QosPolicies): rclnodejs.QoS {
  return new rclnodejs.QoS(
    historyPolicies[history],
    depth,
    reliabilityPolicies[reliability],
    durabilityPolicies[durability],
  );
}

/** rclnodejs gives int64 parameters as bigint; ours are small. */
function plainValue(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  return Array.isArray(value) ? value.map(plainValue) : value;
}

/**
 * The bounds of a number as rcl_interfaces/ParameterDescriptor carries them; step 0 means any value between.
 *
 * rclnodejs 2.2 never sends the range of its descriptors, and its own refusal would name neither value nor bounds:
 * it is told of none, and the update callback judges.
 */
function rangeFields(type: string, { from, to }: { from: number; to: number }): object {
  return type === 'integer'
    ? { integer_range: [{ from_value: BigInt(from), to_value: BigInt(to), step: 1n }] }
    : { floating_point_range: [{ from_value: from, to_value: to, step: 0 }] };
}

/** A node and what can be done with it. */
export class RosNode {
  protected readonly node: rclnodejs.Node;
  readonly #declaredTypes = new Map<string, RosParameterDeclaration['type']>();

  constructor(node: rclnodejs.Node) {
    this.node = node;
  }

  /** `/namespace/name` */
  get fullName(): string {
    return this.node.getFullyQualifiedName();
  }

  /** rclnodejs's native handle object, for the hbmem addon. */
  get handle(): object {
    return (this.node as unknown as { handle: object }).handle;
  }

  log(level: LogLevel, text: string): void {
    this.node.getLogger()[level](text);
  }

  /** The name after expansion of `~` and namespace and after remapping. */
  resolveTopic(name: string): string {
    return this.node.resolveTopicName(name);
  }

  /** Every publisher of a resolved topic that the graph knows. */
  publishersOf(topic: string): SeenPublisher[] {
    const endpoints = this.node.getPublishersInfoByTopic(topic, false) as {
      node_name: string;
      node_namespace: string;
      topic_type: string;
      endpoint_gid: readonly number[];
    }[];
    return endpoints.map(({ node_name, node_namespace, topic_type, endpoint_gid }) => ({
      gid: endpoint_gid.join('.'),
      nodeName:
        node_name === unknownNodeName ? null : `${node_namespace === '/' ? '' : node_namespace}/${node_name}`,
      typeName: topic_type,
    }));
  }

  /**
   * The QoS of an endpoint on an unresolved topic after the `qos_overrides` given at start, which it also shows as
   * read-only parameters, as rclcpp does. Throws ConfigError for an override that cannot be taken.
   */
  resolveQos(topic: string, kind: EndpointKind, qos: QosPolicies): QosPolicies {
    const resolvedTopic = this.resolveTopic(topic);
    const resolved = applyQosOverrides(qos, resolvedTopic, kind, this.parameterOverrides());
    const declarations = Object.entries(resolved).map(([policy, value]): RosParameterDeclaration => {
      const type = typeof value === 'number' ? 'integer' : 'string';
      const name = `${qosOverridePrefix(resolvedTopic, kind)}${policy}`;
      const description = `${policy} of the ${kind} on ${resolvedTopic}, set at start`;
      return { name, type, value, description, readOnly: true, range: null, constraints: '' };
    });
    // An endpoint that is made again has the same.
    this.declareParameters(declarations.filter(({ name }) => !this.node.hasParameter(name)));
    return resolved;
  }

  /** Throws ConfigError for unusable QoS overrides, TransportError from the middleware. */
  createPublisher(typeName: string, topic: string, defaultQos: QosPolicies): RosPublisher {
    const policies = this.resolveQos(topic, 'publisher', defaultQos);
    if (policies.history === 'keep_all') {
      this.log(
        'warn',
        `${this.resolveTopic(topic)} keeps all messages: while a reliable subscriber does not read, memory grows with each; history keep_last with a depth bounds it`,
      );
    }
    const qos = toQos(policies);
    const publisher = this.#asTransport('create', `cannot create a publisher on ${topic}`, topic, () =>
      this.node.createPublisher(typeName as never, topic, { qos }),
    );
    const publish = (message: object) =>
      this.#asTransport('publish', `cannot publish on ${publisher.topic}`, publisher.topic, () =>
        publisher.publish(message as never),
      );
    return {
      topic: publisher.topic,
      // A getter, though rclnodejs 2.2 declares a method.
      subscriptionCount: () => publisher.subscriptionCount as unknown as number,
      publishRaw: (cdr) => publish(Buffer.from(cdr.buffer, cdr.byteOffset, cdr.byteLength)),
      publish,
      destroy: () => this.node.destroyPublisher(publisher),
    };
  }

  /** Subscribes without deserialising; the buffer is the callback's to keep. */
  createRawSubscription(
    typeName: string,
    topic: string,
    defaultQos: QosPolicies,
    onMessage: (cdr: Buffer) => void,
  ): void {
    const qos = toQos(this.resolveQos(topic, 'subscription', defaultQos));
    this.#asTransport('create', `cannot create a subscription on ${topic}`, topic, () =>
      this.node.createSubscription(typeName as never, topic, { isRaw: true, qos }, ((message: Buffer) =>
        onMessage(message)) as never),
    );
  }

  /**
   * Values given on the command line and in parameter files for this node, by parameter name.
   *
   * rclnodejs itself looks for `/**` and the bare node name only, not for `/namespace/name` or other wildcards.
   */
  parameterOverrides(): Record<string, unknown> {
    const { context } = this.node as unknown as { context: { handle: object } };
    const given = rclAddon.getParameterOverrides(context.handle) ?? [];
    const values: Record<string, unknown> = {};
    for (const key of parameterKeys(this.fullName)) {
      for (const { parameters } of given.filter(({ name }) => name === key)) {
        for (const { name, value } of parameters) values[name] = plainValue(value);
      }
    }
    return values;
  }

  declareParameters(declarations: readonly RosParameterDeclaration[]): void {
    const parameters = declarations.map((declaration) => {
      const value = declaration.type === 'integer' ? BigInt(declaration.value as number) : declaration.value;
      return new rclnodejs.Parameter(declaration.name, parameterTypes[declaration.type], value);
    });
    const descriptors = declarations.map((declaration) => {
      const { name, type, description, readOnly, range, constraints } = declaration;
      const descriptor = new rclnodejs.ParameterDescriptor(name, parameterTypes[type], description, readOnly);
      descriptor.additionalConstraints = constraints;
      if (range !== null) {
        const withoutRange = descriptor.toMessage();
        descriptor.toMessage = () => ({ ...withoutRange, ...rangeFields(type, range) });
      }
      // Its refusal of another type says "does not  readonly"; the update callback has the reason.
      descriptor.validateParameter = () => {};
      this.#declaredTypes.set(name, type);
      return descriptor;
    });
    // While it declares, rclnodejs has to see its descriptors; later it makes one up for every name, and then refuses
    // an unknown one for its type.
    delete (this.node as { hasParameterDescriptor?: unknown }).hasParameterDescriptor;
    this.node.declareParameters(parameters, descriptors, true);
    this.node.hasParameterDescriptor = (name) => this.node.hasParameter(name);
  }

  /** `judge` answers why an update is refused, or null; `apply` follows when every judge agreed. */
  onParameterUpdate(
    judge: (changes: readonly RosParameterChange[]) => string | null,
    apply: (changes: readonly RosParameterChange[]) => void,
  ): void {
    const plain = (parameters: rclnodejs.Parameter[]) =>
      parameters.map(({ name, value }) => ({ name, value: plainValue(value) }));
    this.node.addOnSetParametersCallback((parameters) => {
      const reason = this.#explainWrongType(parameters) ?? judge(plain(parameters));
      return { successful: reason === null, reason: reason ?? '' };
    });
    (
      this.node as unknown as {
        addPostSetParametersCallback(callback: (parameters: rclnodejs.Parameter[]) => void): void;
      }
    ).addPostSetParametersCallback((parameters) => {
      try {
        apply(plain(parameters));
      } catch (error) {
        // rclnodejs calls this from native code: a throw would end the process.
        this.log('error', `parameters were set but not taken: ${describeError(error)}`);
      }
    });
  }

  #explainWrongType(parameters: readonly rclnodejs.Parameter[]): string | null {
    for (const { name, type, value } of parameters) {
      const expected = this.#declaredTypes.get(name);
      if (expected === undefined || parameterTypes[expected] === type) continue;
      const found = Object.entries(parameterTypes).find(([, code]) => code === type)?.[0] ?? 'another type';
      return `${name} is ${JSON.stringify(plainValue(value))} (${found}); expected ${expected}`;
    }
    return null;
  }

  spin(): void {
    this.node.spin();
  }

  destroy(): void {
    this.node.destroy();
  }

  #asTransport<T>(code: string, message: string, topic: string, act: () => T): T {
    try {
      return act();
    } catch (error) {
      throw new TransportError(code, message, { topic }, error);
    }
  }
}

/** A node with the managed life cycle and its services. */
export class RosLifecycleNode extends RosNode {
  readonly #lifecycle: rclnodejs.lifecycle.LifecycleNode;

  constructor(node: rclnodejs.lifecycle.LifecycleNode) {
    super(node);
    this.#lifecycle = node;
    this.#answerRefusedTransitions();
  }

  /** rclnodejs throws where the state does not allow a transition, and whoever asked waits for an answer for ever. */
  #answerRefusedTransitions(): void {
    const service = this.#lifecycle as unknown as {
      _onChangeState(
        request: { transition: { id: number; label: string } },
        response: { template: { success: boolean }; send(answer: object): void },
      ): void;
    };
    const change = service._onChangeState.bind(service);
    service._onChangeState = (request, response) => {
      try {
        change(request, response);
      } catch {
        const { id, label } = request.transition;
        this.log('warn', `transition ${label === '' ? id : label} refused: the node is ${this.state}`);
        const answer = response.template;
        answer.success = false;
        response.send(answer);
      }
    };
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

/**
 * Initialises rcl with ROS arguments (`--ros-args ...`) and takes away the signal handler of rclnodejs, which
 * would shut the contexts down under running threads: the caller owns SIGINT and SIGTERM.
 */
export async function initRcl(args: readonly string[]): Promise<void> {
  try {
    await rclnodejs.init(undefined, ['rdk-yolo-seg', ...args]);
  } catch (error) {
    throw new TransportError(
      'init',
      `rcl cannot start with the arguments ${args.join(' ')}`,
      { args },
      error,
    );
  }
  // process.exit() runs the middleware's static destructors; the thread of rclnodejs that still waits on a node then
  // uses freed memory and now and then aborts the process.
  process.once('exit', shutdownRcl);
}

export function createNode(name: string): RosNode {
  return new RosNode(rclnodejs.createNode(name));
}

export function createLifecycleNode(name: string): RosLifecycleNode {
  return new RosLifecycleNode(rclnodejs.createLifecycleNode(name));
}

/** Shuts the rcl context down and destroys the nodes that are left. */
export function shutdownRcl(): void {
  process.removeListener('exit', shutdownRcl);
  if (!rclnodejs.isShutdown()) rclnodejs.shutdown();
}
