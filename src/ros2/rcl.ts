/**
 * The only importer of rclnodejs: a narrow, typed view of what this package uses of it.
 *
 * Importing this module loads rclnodejs, which reads the environment; set the shared-memory variables first
 * (sharedMemoryEnv.ts).
 */
// Before rclnodejs: see there.
import './rclBinary.js';

import rclnodejs from 'rclnodejs';
import { ConfigError, TransportError } from '../core/errors.js';
import type { QosPolicies } from '../native/hbmem.js';
import { type LifecycleInternals, mendLifecycleServices, transitionsAnswer } from './lifecycleServices.js';
import { ensureLogDirectory } from './logDirectory.js';
import { readParameterOverrides } from './parameterOverrides.js';
import { applyQosOverrides, type EndpointKind, qosOverridePrefix } from './qosOverrides.js';
import { limitRequests, type RequestReader } from './requestLimit.js';
import {
  answeringAlways,
  type Executing,
  guardExecution,
  guardServices,
  type RegisteredService,
} from './serviceAnswers.js';
import { ThrottledLog } from './throttledLog.js';
import type { UnreadRequest } from './unreadRequest.js';
import type { SeenPublisher } from './watchdog.js';

// Its own SIGINT handler shuts the context down under us, also while rcl_init runs; gone before any signal can meet it.
rclnodejs.removeSignalHandlers();

/** Severities of a ROS log. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/** A publisher of a node, of serialised or plain messages. */
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

function overridesOf(node: rclnodejs.Node): Record<string, unknown> {
  const { context } = node as unknown as { context: { handle: object } };
  return readParameterOverrides(context.handle, node.getFullyQualifiedName());
}

/**
 * Has rclnodejs take only the override that it acts on itself.
 *
 * Its own reading throws for an integer list, and looks for `/**` and the bare node name only, not for
 * `/namespace/name` or other wildcards.
 */
function replaceOverridesOfRclnodejs(): void {
  const prototype = rclnodejs.Node.prototype as unknown as {
    _getNativeParameterOverrides(this: rclnodejs.Node): Map<string, rclnodejs.Parameter>;
  };
  prototype._getNativeParameterOverrides = function () {
    const name = 'start_type_description_service';
    const value = overridesOf(this)[name];
    const type = rclnodejs.ParameterType.PARAMETER_BOOL;
    return new Map(typeof value === 'boolean' ? [[name, new rclnodejs.Parameter(name, type, value)]] : []);
  };
}

replaceOverridesOfRclnodejs();

/** Parameter services are our own (parameterServices.ts). */
const nodeOptions = new rclnodejs.NodeOptions();
nodeOptions.startParameterServices = false;

/** A node and what can be done with it. */
export class RosNode {
  protected readonly node: rclnodejs.Node;
  /** Values given on the command line and in parameter files for this node, by parameter name. */
  readonly parameterOverrides: Readonly<Record<string, unknown>>;
  /** The QoS of the endpoints made so far by the names of the read-only parameters that show it, as rclcpp's do. */
  readonly qosParameters: ReadonlyMap<string, string | number>;
  readonly #qosParameters = new Map<string, string | number>();
  readonly #parameterEvents: RosPublisher;
  /** A caller that is refused may ask at any rate. */
  readonly #complaints = new ThrottledLog((text) => this.log('error', text));

  constructor(node: rclnodejs.Node) {
    this.node = node;
    this.parameterOverrides = overridesOf(node);
    this.qosParameters = this.#qosParameters;
    limitRequests(node as unknown as RequestReader);
    guardExecution(node as unknown as Executing, (text) => this.#complaints.log('take', text));
    const { _services: services } = node as unknown as { _services: RegisteredService[] };
    guardServices(services, (name, text) => this.#complaints.log(name, `${name}: ${text}`));
    this.#parameterEvents = this.#replaceParameterEvents();
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

  /** The name after expansion of `~` and namespace, before remapping. */
  expandTopic(name: string): string {
    return (
      this.node as unknown as { resolveTopicName(name: string, onlyExpand: boolean): string }
    ).resolveTopicName(name, true);
  }

  /** `/namespace/name` of every node on the graph, this one and its like included. */
  nodeNames(): string[] {
    return this.node
      .getNodeNamesAndNamespaces()
      .map(({ name, namespace }) => `${namespace === '/' ? '' : namespace}/${name}`);
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
   * The QoS of an endpoint on an unresolved topic after the `qos_overrides` given at start. Throws ConfigError for an
   * override that cannot be taken.
   */
  resolveQos(topic: string, kind: EndpointKind, qos: QosPolicies): QosPolicies {
    const resolvedTopic = this.resolveTopic(topic);
    const resolved = applyQosOverrides(qos, resolvedTopic, kind, this.parameterOverrides);
    const prefix = qosOverridePrefix(resolvedTopic, kind);
    for (const [policy, value] of Object.entries(resolved)) {
      this.#qosParameters.set(`${prefix}${policy}`, value);
    }
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
    return this.#makePublisher(typeName, topic, policies);
  }

  #makePublisher(typeName: string, topic: string, policies: QosPolicies): RosPublisher {
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
   * Offers a service. What `answer` throws is logged, and the caller gets the answer of `failed`, or else one of
   * defaults.
   */
  createService<Request>(
    typeName: string,
    name: string,
    answer: (request: Request) => object,
    failed: (reason: string, request: Request | UnreadRequest) => object = () => ({}),
  ): void {
    const callback = answeringAlways(
      (request: Request, response) => response.send({ ...response.template, ...answer(request) }),
      (text) => this.#complaints.log(name, `${name}: ${text}`),
      (template, reason, request: Request) => ({ ...template, ...failed(reason, request) }),
    );
    this.#asTransport('create', `cannot create the service ${name}`, name, () =>
      this.node.createService(typeName as never, name, callback as never),
    );
  }

  /** Publishes rcl_interfaces/ParameterEvent with the given lists. */
  publishParameterEvent(changes: object): void {
    const nowMs = Date.now();
    const stamp = { sec: Math.floor(nowMs / 1000), nanosec: (nowMs % 1000) * 1_000_000 };
    this.#parameterEvents.publish({ stamp, node: this.fullName, ...changes });
  }

  /** In place of the publisher of rclnodejs 2.2, whose topic lies in the node's namespace, where nobody listens. */
  #replaceParameterEvents(): RosPublisher {
    const internals = this.node as unknown as { _parameterEventPublisher: rclnodejs.Publisher<never> };
    this.node.destroyPublisher(internals._parameterEventPublisher);
    return this.#makePublisher('rcl_interfaces/msg/ParameterEvent', '/parameter_events', {
      depth: 1000,
      reliability: 'reliable',
      durability: 'volatile',
      history: 'keep_last',
    });
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

/** Whether rcl starts without any arguments, so that a failure with some is theirs. */
async function startsWithoutArguments(): Promise<boolean> {
  const context = new rclnodejs.Context();
  try {
    await rclnodejs.init(context, ['rdk-yolo-seg']);
    rclnodejs.shutdown(context);
    return true;
  } catch {
    return false;
  }
}

/**
 * Initialises rcl with ROS arguments (`--ros-args ...`); log files go where they can be written.
 *
 * Throws ConfigError for arguments that rcl cannot read, TransportError where it cannot start.
 */
export async function initRcl(args: readonly string[]): Promise<void> {
  const logDirectoryChange = ensureLogDirectory();
  try {
    await rclnodejs.init(undefined, ['rdk-yolo-seg', ...args]);
  } catch (error) {
    const text = `rcl cannot start with the arguments ${args.join(' ')}`;
    if (args.length > 0 && (await startsWithoutArguments())) {
      throw new ConfigError('arguments', text, { args }, error);
    }
    throw new TransportError('init', text, { args }, error);
  }
  if (logDirectoryChange !== null) {
    // A class, though rclnodejs 2.2 declares an object of it.
    const logging = rclnodejs.logging as unknown as { getLogger(name: string): rclnodejs.Logging };
    logging.getLogger('rdk_yolo_seg').warn(logDirectoryChange);
  }
  // process.exit() runs the middleware's static destructors; the thread of rclnodejs that still waits on a node then
  // uses freed memory and now and then aborts the process.
  process.once('exit', shutdownRcl);
}

/** A plain node in the context of `initRcl`, with the remap rules of its arguments. */
export function createNode(name: string): RosNode {
  return new RosNode(rclnodejs.createNode(name, '', undefined, nodeOptions));
}

/** A node with the managed life cycle in the context of `initRcl`. */
export function createLifecycleNode(name: string): RosLifecycleNode {
  return new RosLifecycleNode(rclnodejs.createLifecycleNode(name, '', undefined, nodeOptions));
}

/** Shuts the rcl context down and destroys the nodes that are left. */
export function shutdownRcl(): void {
  process.removeListener('exit', shutdownRcl);
  if (!rclnodejs.isShutdown()) rclnodejs.shutdown();
}
