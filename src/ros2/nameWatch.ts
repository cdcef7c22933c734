import type { RosNode } from './rcl.js';

const periodMs = 1000;

/** Warns once when another node has the full name of this one, and says when it is alone again. */
export class NameWatch {
  readonly #ros: RosNode;
  readonly #timer: NodeJS.Timeout;
  #told = false;

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
    if (count > 1 && !this.#told) {
      this.#told = true;
      this.#ros.log(
        'warn',
        `${count} nodes are named ${fullName}: their services, parameters and topics are mixed up; ` +
          'give one another name with --ros-args -r __node:=NAME (a node that was killed is listed for 20 s more)',
      );
    } else if (count === 1 && this.#told) {
      this.#ros.log('info', `no other node is named ${fullName} any more`);
      this.stop();
    }
  }
}
