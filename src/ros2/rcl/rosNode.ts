import { ConfigError, TransportError } from '../../core/errors.js';
import { shownLines, valueText } from '../../core/words.js';
import type { QosPolicies } from '../../native/hbmem.js';
import { toQos } from './qos.js';
import { type OfferedQos, offeredQosOf } from './qosMatch.js';
import { applyQosOverrides, type EndpointKind, qosOverridePrefix } from './qosOverrides.js';
import { RosClock } from './rosClock.js';
import { overridesOf, type rclnodejs } from './rclnodejs.js';
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

/** As rclcpp hears /clock, whose QoS is not to be overridden. */
const clockQos: QosPolicies = {
  depth: 1,
  reliability: 'best_effort',
  durability: 'volatile',
  history: 'keep_last',
};

/** A publisher of a topic as the graph shows it. */
export interface SeenPublisher extends OfferedQos {
  /** Tells it from every other publisher, also of the same node. */
  readonly gid: string;
  /** `/namespace/name`; null while the graph does not know the node yet, shortly after its start. */
  readonly nodeName: string | null;
  /** `package/msg/Type` */
  readonly typeName: string;
}

/** What rmw calls a node whose endpoints have been discovered before its name. */
const unknownNodeName = '_NODE_NAME_UNKNOWN_';

/** A node and what can be done with it. */
export class RosNode {
  protected readonly node: rclnodejs.Node;
  /** What stamps are compared with; the system's until `use_sim_time` says otherwise. */
  readonly clock: RosClock;
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
    this.clock = new RosClock({
      hear: (type, topic, onMessage) => this.#subscribeRaw(type, topic, clockQos, onMessage),
    });
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

  /** Logs a line, or lines of ours; what a text from outside would steer in them is escaped. */
  log(level: LogLevel, text: string): void {
    this.node.getLogger()[level](shownLines(text));
  }

  /** The name after expansion of `~` and namespace and after remapping. Throws ConfigError `topics` where that is no topic's. */
  resolveTopic(name: string): string {
    return this.#resolve(name, false);
  }

  /** The name after expansion of `~` and namespace, before remapping. Throws as `resolveTopic`. */
  expandTopic(name: string): string {
    return this.#resolve(name, true);
  }

  #resolve(name: string, onlyExpand: boolean): string {
    const node = this.node as unknown as { resolveTopicName(name: string, onlyExpand: boolean): string };
    try {
      return node.resolveTopicName(name, onlyExpand);
    } catch (error) {
      // rcl's own words name neither the topic nor the reason.
      const what = `${valueText(name)} is no topic of the node ${this.fullName}: ${(error as Error).message}`;
      throw new ConfigError('topics', what, { topic: name });
    }
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
      qos_profile: { readonly reliability: number; readonly durability: number };
    }[];
    return endpoints.map(({ node_name, node_namespace, topic_type, endpoint_gid, qos_profile }) => ({
      gid: endpoint_gid.join('.'),
      nodeName:
        node_name === unknownNodeName ? null : `${node_namespace === '/' ? '' : node_namespace}/${node_name}`,
      typeName: topic_type,
      ...offeredQosOf(qos_profile),
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

  /** Subscribes without deserialising; the buffer is the callback's to keep. Returns how to end the subscription. */
  createRawSubscription(
    typeName: string,
    topic: string,
    defaultQos: QosPolicies,
    onMessage: (cdr: Buffer) => void,
  ): () => void {
    return this.#subscribeRaw(typeName, topic, this.resolveQos(topic, 'subscription', defaultQos), onMessage);
  }

  /** Returns how to end the subscription. */
  #subscribeRaw(
    typeName: string,
    topic: string,
    policies: QosPolicies,
    onMessage: (cdr: Buffer) => void,
  ): () => void {
    const qos = toQos(policies);
    const subscription = this.#asTransport('create', `cannot create a subscription on ${topic}`, topic, () =>
      this.node.createSubscription(typeName as never, topic, { isRaw: true, qos }, ((message: Buffer) =>
        onMessage(message)) as never),
    );
    return () => this.node.destroySubscription(subscription as never);
  }

  /**
   * Offers a service. What `answer` throws is logged, and the caller gets the answer of `failed`, or else one
   * of defaults.
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
    this.#parameterEvents.publish({ stamp: this.clock.stamp(), node: this.fullName, ...changes });
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
