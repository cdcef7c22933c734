import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applySharedMemoryEnv } from '#dist/ros2/sharedMemoryEnv.js';
import { loadPicture, type Nv12Picture, plainPicture } from '../../support/frames.js';
import { Peer, until } from './peer.js';
import type { DiagnosticArray, Stamp } from './messages.js';

export const type480 = 'hbm_img_msgs/msg/HbmMsg480P';
export const type1080 = 'hbm_img_msgs/msg/HbmMsg1080P';

/** Pictures of the evaluation set by the name the robot knows them by; both are 640 x 360. */
export const pictureFiles = {
  /** Four balls, a cone and two barrels. */
  balls: 'assets/evalset/images/1000009_640x360.jpg',
  empty: 'assets/evalset/images/1000008_640x360.jpg',
} as const;
export const picture = { widthPx: 640, heightPx: 360 } as const;

/** Header fields of an HbmMsg to be set otherwise than a camera does; the encoding is filled up with zeros. */
export interface FrameFields {
  readonly width?: number;
  readonly height?: number;
  readonly step?: number;
  readonly data_size?: number;
  readonly encoding?: string;
  readonly index?: number;
}

/** Fields of a message of sensor_msgs. */
export interface SensorFields {
  readonly width?: number;
  readonly height?: number;
  readonly step?: number;
  readonly encoding?: string;
  readonly format?: string;
}

export interface SendOptions {
  readonly camera?: string;
  /** One of `pictureFiles`, `grey`, or one that was added. */
  readonly picture?: string;
  readonly stamp?: Stamp;
  readonly fields?: FrameFields & SensorFields;
}

export interface DiagnosticsSeen {
  readonly name: string;
  readonly hardware_id: string;
  /** 0 ok, 1 warn, 2 error. */
  readonly level: number;
  readonly message: string;
  /** Numbers of this reason's dropped frames, 0 where it has not occurred. */
  dropped(reason: string): number;
  value(key: string): string | undefined;
  count(key: string): number;
}

/** What robot.py answers to a command. */
interface Answer {
  readonly result?: unknown;
  readonly error?: string;
}

/** The rclpy process of peers/robot.py: cameras, listeners and service clients. */
export class Robot {
  #started: Peer | null = null;
  readonly #folder = mkdtempSync(join(tmpdir(), 'rdk-robot-'));
  readonly #answers = new Map<number, Answer>();
  readonly #messages = new Map<string, unknown[]>();
  #nextId = 1;

  static async start(env: NodeJS.ProcessEnv = {}): Promise<Robot> {
    const robot = new Robot();
    await robot.start(env);
    return robot;
  }

  /** Starts the process, loads the pictures and listens to /diagnostics. */
  async start(env: NodeJS.ProcessEnv = {}): Promise<void> {
    const peerEnv: NodeJS.ProcessEnv = { ...process.env, ...env };
    applySharedMemoryEnv(peerEnv);
    this.#started = new Peer('python3', ['test/ros2/peers/robot.py'], peerEnv);
    await this.#peer.event('ready', 30_000);
    for (const [name, file] of Object.entries(pictureFiles)) {
      await this.addPicture(name, await loadPicture(file));
    }
    await this.addPicture('grey', plainPicture(picture.widthPx, picture.heightPx));
    await this.listen('/diagnostics', 'diagnostic_msgs/msg/DiagnosticArray');
  }

  get #peer(): Peer {
    if (this.#started === null) throw new Error('the robot has not been started');
    return this.#started;
  }

  /** Stops, continues or kills the process. */
  signal(signal: NodeJS.Signals): void {
    this.#peer.process.kill(signal);
  }

  /** Has the process carry out a command of peers/robot.py; throws its error. */
  async do(command: string, args: object = {}, timeoutMs = 70_000): Promise<unknown> {
    const id = this.#nextId++;
    this.#peer.process.stdin!.write(`${JSON.stringify({ id, do: command, ...args })}\n`);
    await this.#until(() => this.#answers.has(id), timeoutMs, `no answer to ${command}`);
    const { result, error } = this.#answers.get(id)!;
    this.#answers.delete(id);
    if (error !== undefined) throw new Error(`${command}: ${error}`);
    return result;
  }

  /** Lets cameras show one more picture. */
  async addPicture(name: string, { bytes, widthPx, heightPx }: Nv12Picture): Promise<void> {
    const path = join(this.#folder, `${name}.nv12`);
    writeFileSync(path, bytes);
    await this.do('picture', { name, path, widthPx, heightPx });
  }

  /** Lets cameras of sensor_msgs/Image show packed RGB in an encoding, made by numpy. */
  async addImage(
    name: string,
    rgb: { readonly bytes: Uint8Array; readonly widthPx: number; readonly heightPx: number },
    encoding: string,
    padding = 0,
  ): Promise<void> {
    const path = join(this.#folder, `${name}.rgb`);
    writeFileSync(path, rgb.bytes);
    const { widthPx: width, heightPx: height } = rgb;
    await this.do('image_picture', { name, path, width, height, encoding, padding });
  }

  /** Lets cameras of sensor_msgs show these bytes under these fields. */
  async addEncoded(name: string, bytes: Uint8Array, fields: SensorFields): Promise<void> {
    const path = join(this.#folder, `${name}.bytes`);
    writeFileSync(path, bytes);
    await this.do('encoded_picture', { name, path, fields });
  }

  /** Starts a camera; `name` tells it from others. */
  async startCamera(
    options: { name?: string; type?: string; topic?: string; reliability?: string } = {},
  ): Promise<void> {
    await this.do('camera', { name: 'front', type: type480, topic: 'hbmem_img', ...options });
  }

  async closeCamera(name = 'front'): Promise<void> {
    await this.do('close_camera', { name });
  }

  /** Publishes one frame and returns its stamp. */
  async send(options: SendOptions = {}): Promise<Stamp> {
    return (await this.do('send', { camera: 'front', picture: 'balls', ...options })) as Stamp;
  }

  async stream(rateHz: number, camera = 'front', picture = 'balls'): Promise<void> {
    await this.do('stream', { camera, picture, rate_hz: rateHz });
  }

  async stopStream(camera = 'front'): Promise<number> {
    return (await this.do('stop_stream', { camera })) as number;
  }

  async listen(
    topic: string,
    type: string,
    options: { durability?: string; reliability?: string } = {},
  ): Promise<void> {
    await this.do('listen', { topic, type, ...options });
    this.#messages.set(topic, []);
  }

  async unlisten(topic: string): Promise<void> {
    await this.do('unlisten', { topic });
  }

  /** Calls a service; `repeat` for requests that do no harm when they are carried out twice. */
  async call<Answer>(
    service: string,
    type: string,
    request: object,
    { repeat = true } = {},
  ): Promise<Answer> {
    return (await this.do('call', { service, type, request, repeat })) as Answer;
  }

  /** Messages of a topic that nobody has looked at yet; forgets them. */
  drain<Message>(topic: string): Message[] {
    this.#sort();
    return (this.#messages.get(topic) ?? []).splice(0) as Message[];
  }

  /** The next message of a topic that fits; those before it are forgotten. */
  async next<Message>(
    topic: string,
    fits: (message: Message) => boolean = () => true,
    timeoutMs = 20_000,
  ): Promise<Message> {
    let found: Message | undefined;
    const look = () => {
      const messages = (this.#messages.get(topic) ?? []) as Message[];
      while (found === undefined && messages.length > 0) {
        const message = messages.shift()!;
        if (fits(message)) found = message;
      }
      return found !== undefined;
    };
    await this.#until(look, timeoutMs, `no fitting message on ${topic}`);
    return found!;
  }

  /** The next diagnostics that fit, sent after this call; of several statuses the one of this name, else the first. */
  async diagnostics(
    fits: (seen: DiagnosticsSeen) => boolean = () => true,
    timeoutMs = 20_000,
    name: string | null = null,
  ): Promise<DiagnosticsSeen> {
    this.drain('/diagnostics');
    let seen: DiagnosticsSeen | undefined;
    const read = (message: DiagnosticArray) => {
      const status = message.status.find((one) => name === null || one.name === name);
      if (status === undefined) return false;
      seen = readStatus(status);
      return fits(seen);
    };
    await this.next('/diagnostics', read, timeoutMs).catch((error: unknown) => {
      throw new Error(`${error}; last: ${JSON.stringify(seen)}`);
    });
    return seen!;
  }

  /** Ends the process in its own way and removes its files; does nothing where it has ended. */
  async end(): Promise<void> {
    await this.#started?.end(15_000);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #until(condition: () => boolean, timeoutMs: number, what: string): Promise<void> {
    const look = () => {
      this.#sort();
      return condition();
    };
    await until(look, timeoutMs, () => `${what}; the robot said ${this.#peer.output.slice(-2000)}`);
  }

  /** Moves what the process has said to where it is looked for. */
  #sort(): void {
    for (const event of this.#peer.events.splice(0)) {
      if (event.event === 'answer') this.#answers.set(event.id as number, event as unknown as Answer);
      if (event.event === 'message') this.#messages.get(event.topic as string)?.push(event.message);
    }
  }
}

/** A status of /diagnostics as tests ask for it. */
export function readStatus(status: DiagnosticArray['status'][number]): DiagnosticsSeen {
  const values = new Map(status.values.map(({ key, value }) => [key, value]));
  const count = (key: string) => Number(values.get(key) ?? 0);
  return {
    ...status,
    dropped: (reason) => count(`dropped.${reason}`),
    value: (key) => values.get(key),
    count,
  };
}
