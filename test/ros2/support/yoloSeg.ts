import type { Detection2D, Detection2DArray, Header, Stamp } from './messages.js';
import type { ParameterOverride } from './nodeProcess.js';
import type { Robot, SendOptions } from './robot.js';

/** rcl_interfaces/SetParametersResult */
export interface SetResult {
  readonly successful: boolean;
  readonly reason: string;
}

/** A double; a whole number would else be taken for an integer. */
export class Double {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

type Settable = ParameterOverride | Double;

/** Numbers of lifecycle_msgs/Transition; shutdown is that of an unconfigured node. */
const transitions = { configure: 1, cleanup: 2, activate: 3, deactivate: 4, shutdown: 5 } as const;

/** rcl_interfaces/ParameterValue: a number with a fraction is a double. */
function parameterValue(value: Settable): object {
  if (value instanceof Double) return { type: 3, double_value: value.value };
  if (typeof value === 'boolean') return { type: 1, bool_value: value };
  if (typeof value === 'string') return { type: 4, string_value: value };
  if (typeof value !== 'number') {
    return typeof value[0] === 'number'
      ? { type: 7, integer_array_value: value }
      : { type: 9, string_array_value: value };
  }
  return Number.isInteger(value) ? { type: 2, integer_value: value } : { type: 3, double_value: value };
}

export function sameStamp(a: Stamp, b: Stamp): boolean {
  return a.sec === b.sec && a.nanosec === b.nanosec;
}

/** The node under test as its topics and services show it to the robot. */
export class YoloSeg {
  readonly #robot: Robot;
  /** `/namespace/name` */
  readonly name: string;

  constructor(robot: Robot, name = '/yolo_seg') {
    this.#robot = robot;
    this.name = name;
  }

  /** Starts to receive `~/detections`, which `segment` needs. */
  async listenToDetections(): Promise<void> {
    await this.#robot.listen(`${this.name}/detections`, 'vision_msgs/msg/Detection2DArray');
  }

  /** The detections of one good frame; see `segmentFrame`. */
  async segment(options: SendOptions = {}, timeoutMs = 30_000): Promise<readonly Detection2D[]> {
    return (await this.segmentFrame(options, timeoutMs)).detections;
  }

  /**
   * Sends one good frame and waits for its detections.
   *
   * It is sent again every two seconds, with the same stamp: until endpoints have found each other frames get lost.
   */
  async segmentFrame(options: SendOptions = {}, timeoutMs = 30_000): Promise<Detection2DArray> {
    const deadlineMs = performance.now() + timeoutMs;
    let { stamp } = options;
    for (;;) {
      stamp = await this.#robot.send({ ...options, ...(stamp === undefined ? {} : { stamp }) });
      try {
        return await this.detectionsOf(stamp, 2000);
      } catch (error) {
        if (performance.now() > deadlineMs) throw error;
      }
    }
  }

  async detectionsOf(stamp: Stamp, timeoutMs = 20_000): Promise<Detection2DArray> {
    const topic = `${this.name}/detections`;
    const fits = ({ header }: Detection2DArray) => sameStamp(header.stamp, stamp);
    return this.#robot.next<Detection2DArray>(topic, fits, timeoutMs);
  }

  /** The message of `topic` made from the frame of `stamp`, which is sent until it comes. */
  async outputOf<Message extends { readonly header: Header }>(topic: string, stamp: Stamp): Promise<Message> {
    const fits = ({ header }: Message) => sameStamp(header.stamp, stamp);
    for (let attempt = 0; ; attempt++) {
      await this.segmentFrame({ stamp });
      try {
        return await this.#robot.next<Message>(topic, fits, 2000);
      } catch (error) {
        if (attempt === 10) throw error;
      }
    }
  }

  /** Sets parameters in one call of the service, each answered for itself. */
  async setParameters(values: Readonly<Record<string, Settable>>): Promise<readonly SetResult[]> {
    const parameters = Object.entries(values).map(([name, value]) => ({
      name,
      value: parameterValue(value),
    }));
    const { results } = await this.#robot.call<{ results: SetResult[] }>(
      `${this.name}/set_parameters`,
      'rcl_interfaces/srv/SetParameters',
      { parameters },
    );
    return results;
  }

  async setParameter(name: string, value: Settable): Promise<SetResult> {
    return (await this.setParameters({ [name]: value }))[0]!;
  }

  async describeParameters(names: readonly string[]): Promise<readonly Record<string, unknown>[]> {
    const { descriptors } = await this.#robot.call<{ descriptors: Record<string, unknown>[] }>(
      `${this.name}/describe_parameters`,
      'rcl_interfaces/srv/DescribeParameters',
      { names },
    );
    return descriptors;
  }

  /** The value a parameter has, as rcl_interfaces/ParameterValue. */
  async parameter(name: string): Promise<Record<string, unknown>> {
    const { values } = await this.#robot.call<{ values: Record<string, unknown>[] }>(
      `${this.name}/get_parameters`,
      'rcl_interfaces/srv/GetParameters',
      { names: [name] },
    );
    return values[0]!;
  }

  /** The values that parameters have, plainly. */
  async parameters(names: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
    const { values } = await this.#robot.call<{ values: Record<string, unknown>[] }>(
      `${this.name}/get_parameters`,
      'rcl_interfaces/srv/GetParameters',
      { names },
    );
    const fields = ['', 'bool_value', 'integer_value', 'double_value', 'string_value'];
    return Object.fromEntries(names.map((name, i) => [name, values[i]![fields[values[i]!.type as number]!]]));
  }

  /** Asks for a transition; answers whether it succeeded. */
  async change(transition: keyof typeof transitions): Promise<boolean> {
    // Answers when node and robot have found each other: this request must not be repeated.
    await this.state();
    const { success } = await this.#robot.call<{ success: boolean }>(
      `${this.name}/change_state`,
      'lifecycle_msgs/srv/ChangeState',
      { transition: { id: transitions[transition] } },
      { repeat: false },
    );
    return success;
  }

  async state(): Promise<string> {
    const { current_state } = await this.#robot.call<{ current_state: { label: string } }>(
      `${this.name}/get_state`,
      'lifecycle_msgs/srv/GetState',
      {},
    );
    return current_state.label;
  }
}
