import { describeError } from '../../core/errors.js';
import type { OutputCounters, OutputTopic, OutputTopicName } from '../../outputs/output.js';
import type { QosPolicies } from '../../native/hbmem.js';
import { hasMessageType } from '../messageTypes.js';
import type { RosNode, RosPublisher } from '../rcl/rosNode.js';
import { ThrottledLog } from '../rcl/throttledLog.js';
import { nameToMake } from '../topicNames.js';

/** As deep as subscribers are by default: a deeper one would only overrun them when it sends again. */
const resultQos = {
  depth: 10,
  reliability: 'reliable',
  durability: 'volatile',
  history: 'keep_last',
} as const;

/** A topic of the node. Where the environment lacks its message package there is no publisher, and nothing is published. */
export class RosOutputTopic implements OutputTopic {
  readonly #topic: OutputTopicName;
  readonly #publisher: RosPublisher | null;
  readonly #refusals: ThrottledLog;
  #handedOver = 0;
  #refused = 0;

  /**
   * Says in the log that the package is missing; throws ConfigError for unusable QoS overrides and TransportError when
   * the middleware refuses the topic.
   *
   * @param name What `topic` is called in this node, before expansion and remapping.
   */
  constructor(
    node: RosNode,
    typeName: string,
    topic: OutputTopicName,
    name: string,
    qos: QosPolicies = resultQos,
  ) {
    this.#topic = topic;
    this.#refusals = new ThrottledLog((text) => node.log('error', text));
    const made = nameToMake({ name, kind: 'publisher' }, node);
    if (hasMessageType(typeName)) {
      this.#publisher = node.createPublisher(typeName, made, qos);
      return;
    }
    this.#publisher = null;
    node.log('warn', `${node.resolveTopic(made)} is off: this ROS environment does not have ${typeName}`);
  }

  get isAvailable(): boolean {
    return this.#publisher !== null;
  }

  /** Whether somebody subscribes at this moment. */
  get isWanted(): boolean {
    return this.#publisher !== null && this.#publisher.subscriptionCount() > 0;
  }

  get counters(): OutputCounters {
    return { topic: this.#topic, handedOver: this.#handedOver, refused: this.#refused };
  }

  /**
   * Publishes a serialised (CDR) message; the bytes may be reused after the call.
   *
   * Never throws: a message that the middleware refuses is counted and told, and concerns neither the other outputs
   * nor the next frame. True where the middleware took it.
   */
  publish(cdr: Uint8Array): boolean {
    if (this.#publisher === null) return false;
    try {
      this.#publisher.publishRaw(cdr);
      this.#handedOver++;
      return true;
    } catch (error) {
      this.#refused++;
      this.#refusals.log(this.#topic, `message of ${cdr.byteLength} bytes lost: ${describeError(error)}`);
      return false;
    }
  }

  close(): void {
    this.#publisher?.destroy();
  }
}
