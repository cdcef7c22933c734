import type { RosNode } from './rcl/rosNode.js';

const periodMs = 1000;

/** Warns when another node has the full name of this one, once until it is alone again, and says that too. */
export class NameWatch {
  readonly #ros: RosNode;
  readonly #timer: NodeJS.Timeout;
  #isTold = false;

  constructor(ros: RosNode) {
    this.#ros = ros;
    this.#timer = setInterval(() => this.#look(), periodMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const { fullName } = this.#ros;
    const count = this.#ros.nodeNames().filter((name) => name === fullName).length;
    if (count > 1 && !this.#isTold) {
      this.#isTold = true;
      this.#ros.log(
        'warn',
        `${count} nodes are named ${fullName}: their services, parameters and topics are mixed up; ` +
          'give one another name with --ros-args -r __node:=NAME (a node that was killed is listed for 20 s more)',
      );
    } else if (count === 1 && this.#isTold) {
      this.#isTold = false;
      this.#ros.log('info', `no other node is named ${fullName} any more`);
    }
  }
}
