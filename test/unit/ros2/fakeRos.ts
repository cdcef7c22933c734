import { TransportError } from '#dist/core/errors.js';
import type {
  LifecycleCallbacks,
  RosLifecycleNode,
  TransitionOutcome,
} from '#dist/ros2/rcl/rosLifecycleNode.js';
import { RosClock } from '#dist/ros2/rcl/rosClock.js';
import type { LogLevel, RosPublisher, SeenPublisher } from '#dist/ros2/rcl/rosNode.js';

/** From which state each transition starts, and where it leads; as ROS's managed nodes have it. */
const transitions = {
  configure: { from: 'unconfigured', to: 'inactive' },
  activate: { from: 'inactive', to: 'active' },
  deactivate: { from: 'active', to: 'inactive' },
  cleanup: { from: 'inactive', to: 'unconfigured' },
} as const;

type Answer = (request: unknown) => object;

/** A publisher of a topic with as many subscriptions as the test says. */
export class FakePublisher implements RosPublisher {
  subscriptions = 0;
  readonly raw: Uint8Array[] = [];
  readonly messages: object[] = [];
  isDestroyed = false;

  constructor(readonly topic: string) {}

  subscriptionCount(): number {
    return this.subscriptions;
  }

  publishRaw(cdr: Uint8Array): void {
    this.raw.push(cdr.slice());
  }

  publish(message: object): void {
    this.messages.push(message);
  }

  destroy(): void {
    this.isDestroyed = true;
  }
}

/** A lifecycle node without a graph: keeps what it is told and lets the test call its services. */
export class FakeRos {
  readonly fullName = '/yolo_seg';
  readonly qosParameters = new Map<string, string | number>();
  readonly publishers: FakePublisher[] = [];
  readonly logged: string[] = [];
  state = 'unconfigured';
  /** Told of messages on /clock; null while nobody subscribes. */
  onClock: ((cdr: Buffer) => void) | null = null;
  readonly clock = new RosClock({
    hear: (_type, _topic, onMessage) => {
      this.onClock = onMessage;
      return () => {
        this.onClock = null;
      };
    },
  });
  /** A topic whose publisher the middleware refuses. */
  refusedTopic: string | null = null;
  readonly #services = new Map<string, Answer>();
  #callbacks: LifecycleCallbacks | null = null;

  constructor(readonly parameterOverrides: Readonly<Record<string, unknown>> = {}) {}

  /** As the node under test sees it. */
  get node(): RosLifecycleNode {
    return this as unknown as RosLifecycleNode;
  }

  log(level: LogLevel, text: string): void {
    this.logged.push(`${level}: ${text}`);
  }

  resolveTopic(name: string): string {
    return name.startsWith('/') ? name : `/${name.replace('~', 'yolo_seg')}`;
  }

  expandTopic(name: string): string {
    return this.resolveTopic(name);
  }

  createPublisher(_type: string, topic: string): RosPublisher {
    const publisher = new FakePublisher(this.resolveTopic(topic));
    if (publisher.topic === this.refusedTopic) throw new TransportError('publisher', `no ${publisher.topic}`);
    this.publishers.push(publisher);
    return publisher;
  }

  /** Told of the messages of a topic while it is subscribed to. */
  readonly subscriptions = new Map<string, (cdr: Buffer) => void>();

  createRawSubscription(
    _type: string,
    topic: string,
    _qos: object,
    onMessage: (cdr: Buffer) => void,
  ): () => void {
    const name = this.resolveTopic(topic);
    if (name === this.refusedTopic) throw new TransportError('create', `no ${name}`);
    this.subscriptions.set(name, onMessage);
    return () => this.subscriptions.delete(name);
  }

  resolveQos(_topic: string, _kind: string, qos: object): object {
    return { ...qos, ...this.askedQos };
  }

  /** What overrides ask of subscriptions. */
  askedQos: object = {};

  /** Publishers of topics as the graph shows them. */
  publishersSeen: readonly SeenPublisher[] = [];

  publishersOf(): readonly SeenPublisher[] {
    return this.publishersSeen;
  }

  createService(_type: string, name: string, answer: Answer): void {
    this.#services.set(name, answer);
  }

  publishParameterEvent(): void {}

  registerCallbacks(callbacks: LifecycleCallbacks): void {
    this.#callbacks = callbacks;
  }

  configure(): void {
    this.#change('configure');
  }

  activate(): void {
    this.#change('activate');
  }

  deactivate(): void {
    this.#change('deactivate');
  }

  cleanup(): void {
    this.#change('cleanup');
  }

  /** Publishers of a topic that are not destroyed. */
  open(topic: string): FakePublisher[] {
    return this.publishers.filter((one) => one.topic === topic && !one.isDestroyed);
  }

  /** Calls a service. */
  call(name: string, request: object): object {
    return this.#services.get(name)!(request);
  }

  /** Sets one parameter through the node's service; returns why it is refused, or ''. */
  set(name: string, value: object): string {
    const request = { parameters: [{ name, value }] };
    const answer = this.#services.get('~/set_parameters')!(request) as {
      readonly results: readonly { readonly successful: boolean; readonly reason: string }[];
    };
    const [result] = answer.results;
    return result!.successful ? '' : result!.reason;
  }

  #change(name: keyof typeof transitions): void {
    const { from, to } = transitions[name];
    if (this.state !== from) throw new Error(`${name} while ${this.state}`);
    const outcome: TransitionOutcome = this.#callbacks![name]();
    if (outcome === 'success') this.state = to;
  }
}
