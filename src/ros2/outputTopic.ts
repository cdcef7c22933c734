import { hasMessageType } from './messageTypes.js';
import type { QosPolicies, RosNode, RosPublisher } from './rcl.js';

const resultQos = { depth: 1, reliability: 'reliable', durability: 'volatile' } as const;

/** A topic of the node; where the environment lacks its message package, nobody can want it. */
export class OutputTopic {
  readonly #publisher: RosPublisher | null;

  /** Says in the log that the package is missing; throws TransportError when the middleware refuses the topic. */
  constructor(node: RosNode, typeName: string, topic: string, qos: QosPolicies = resultQos) {
    if (hasMessageType(typeName)) {
      this.#publisher = node.createPublisher(typeName, topic, qos);
      return;
    }
    this.#publisher = null;
    node.log('warn', `${node.resolveTopic(topic)} is off: this ROS environment does not have ${typeName}`);
  }

  get isAvailable(): boolean {
    return this.#publisher !== null;
  }

  /** Whether somebody subscribes at this moment. */
  get isWanted(): boolean {
    return this.#publisher !== null && this.#publisher.subscriptionCount() > 0;
  }

  /** Publishes a serialised (CDR) message; the bytes may be reused after the call. */
  publish(cdr: Uint8Array): void {
    this.#publisher?.publishRaw(cdr);
  }

  close(): void {
    this.#publisher?.destroy();
  }
}
