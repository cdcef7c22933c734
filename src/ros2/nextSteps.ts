import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Packages of the command line tools that the hints use. A `ros2` on the path tells nothing: set-up from wheels puts one there. */
const tools = ['ros2lifecycle', 'ros2param'];

/** @param prefixes Value of AMENT_PREFIX_PATH. */
function hasTools(prefixes: string): boolean {
  const folders = prefixes.split(delimiter).filter((prefix) => prefix !== '');
  return tools.every((name) =>
    folders.some((prefix) =>
      existsSync(join(prefix, 'share', 'ament_index', 'resource_index', 'packages', name)),
    ),
  );
}

/** What users can do next, in the log: commands of ROS where its tools are installed, else what goes without them. */
export class NextSteps {
  readonly #node: string;
  readonly #hasTools: boolean;

  /**
   * @param node Full name of the node.
   * @param prefixes Value of AMENT_PREFIX_PATH.
   */
  constructor(node: string, prefixes = process.env.AMENT_PREFIX_PATH ?? '') {
    this.#node = node;
    this.#hasTools = hasTools(prefixes);
  }

  /** Where a node waits that does not start itself. */
  waitsFor(): string {
    if (!this.#hasTools)
      return `the transitions configure and activate by the service ${this.#node}/change_state`;
    return `${this.#set('configure')} and then ${this.#set('activate')}`;
  }

  /**
   * How a transition that failed is tried again.
   *
   * @param isCorrectable Whether a parameter is to blame.
   */
  again(transition: string, isCorrectable: boolean): string {
    if (!this.#hasTools) {
      const correct = isCorrectable ? 'correct the parameter (rdk-yolo-seg parameters lists them) and ' : '';
      return `${correct}start the node again`;
    }
    const correct = isCorrectable
      ? `correct the parameter (ros2 param set ${this.#node} NAME VALUE), then `
      : '';
    return `${correct}${this.#set(transition)}`;
  }

  #set(transition: string): string {
    return `ros2 lifecycle set ${this.#node} ${transition}`;
  }
}
