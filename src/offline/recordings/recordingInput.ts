import { pictureTypes } from '../../camera/images/messageFrame.js';
import { ConfigError } from '../../core/errors.js';
import { nearestName } from '../../core/words.js';
import { type ByteFile, untilAborted } from '../byteSource.js';
import { type InputSource, numberedName, type OfflineInput } from '../offlineInput.js';
import { isSqliteName, recordingName } from './bagFolder.js';
import { McapRecording } from './mcapRecording.js';
import type { RecordedTopic, RecordingFile } from './recordingFile.js';
import { SqliteRecording } from './sqliteRecording.js';

/** A recording before it is known what is in it. */
export interface RecordingRequest {
  /** The file or folder that was given. */
  readonly path: string;
  /** In the order of their times. */
  readonly parts: readonly ByteFile[];
  /** The topics to be taken; null for all that hold pictures. */
  readonly topics: readonly string[] | null;
}

async function openPart(part: ByteFile, signal?: AbortSignal): Promise<RecordingFile> {
  const opened = await part.open();
  const source = signal === undefined ? opened : untilAborted(opened, signal);
  try {
    return await (isSqliteName(part.path) ? SqliteRecording : McapRecording).open(source);
  } catch (error) {
    await source.close();
    throw error;
  }
}

function isPicture({ type, encoding }: RecordedTopic): boolean {
  return encoding === 'cdr' && pictureTypes.includes(type);
}

/** `/imu (sensor_msgs/msg/Imu)`; what cannot be read is told with its encoding. */
function describeTopic({ name, type, encoding }: RecordedTopic): string {
  const form = encoding === 'cdr' ? '' : `, encoding ${encoding === '' ? 'unknown' : encoding}`;
  return `${name} (${type === '' ? 'no schema' : type}${form})`;
}

function describeTopics(topics: readonly RecordedTopic[]): string {
  const shown = [...new Set(topics.map(describeTopic))];
  if (shown.length === 0) return 'it has no topics';
  return `it has ${shown.slice(0, 12).join(', ')}${shown.length > 12 ? `, ... (${shown.length})` : ''}`;
}

function noPictures(path: string, topics: readonly RecordedTopic[]): ConfigError {
  const what = `${path} has no topic of pictures (sensor_msgs Image or CompressedImage, hbm_img_msgs HbmMsg480P, 540P or 1080P); ${describeTopics(topics)}`;
  return new ConfigError('source', what, { path });
}

/** Throws ConfigError for a topic that a recording does not have, or that holds no pictures. */
function checkTopics({ path, topics: wanted }: RecordingRequest, topics: readonly RecordedTopic[]): void {
  for (const name of wanted ?? []) {
    const found = topics.filter((topic) => topic.name === name);
    if (found.some(isPicture)) continue;
    const nearest = nearestName(
      name,
      topics.filter(isPicture).map((topic) => topic.name),
    );
    const what =
      found.length > 0
        ? `topic ${describeTopic(found[0]!)} of ${path} holds no pictures`
        : `${path} has no topic ${name}${nearest === null ? '' : `; did you mean ${nearest}?`}; ${describeTopics(topics)}`;
    throw new ConfigError('arguments', what, { path, topic: name });
  }
  if (!topics.some(isPicture)) throw noPictures(path, topics);
}

/** What a file name takes of a topic; unlike for other topics. */
class TopicNames {
  readonly #names = new Map<string, string>();
  readonly #taken = new Set<string>();
  /** Of the topics that would have one name, how many have got theirs. */
  readonly #counts = new Map<string, number>();

  of(topic: string): string {
    const known = this.#names.get(topic);
    if (known !== undefined) return known;
    const plain = topic.replace(/^\/+/, '').replace(/[^\w.-]/g, '_');
    let count = this.#counts.get(plain) ?? 0;
    let name: string;
    do {
      count++;
      name = count === 1 ? plain : `${plain}-${count}`;
    } while (this.#taken.has(name));
    this.#counts.set(plain, count);
    this.#taken.add(name);
    this.#names.set(topic, name);
    return name;
  }
}

/** The pictures in a recording of one file or several, one message at a time. */
export class RecordingInput implements InputSource {
  readonly path: string;
  readonly name: string;
  readonly frameNames: readonly string[];
  readonly kind = 'recording';
  readonly isOneTopic: boolean;
  readonly topics: readonly string[];
  readonly frameCount: number | null;
  readonly remarks: readonly string[];
  readonly #request: RecordingRequest;
  readonly #names = new TopicNames();

  /** @param topics As far as they are known before the recording is read. */
  private constructor(
    request: RecordingRequest,
    topics: readonly RecordedTopic[],
    frameCount: number | null,
    remarks: readonly string[],
  ) {
    this.path = request.path;
    this.name = recordingName(request.path);
    this.#request = request;
    this.frameCount = frameCount;
    this.remarks = remarks;
    const taken = topics.filter((topic) => isTaken(request, topic)).map(({ name }) => name);
    // In their order, so that names do not depend on which message comes first.
    this.topics = [...new Set(taken)].sort();
    const names = this.topics.map((name) => `${this.name}_${this.#names.of(name)}_#`);
    this.frameNames = [`${this.name}.mcap`, ...names];
    this.isOneTopic = names.length === 1 || request.topics?.length === 1;
  }

  /**
   * Looks what topics a recording has. Throws ConfigError `source` for files that are none and recordings without pictures,
   * `arguments` for topics that are not there.
   */
  static async open(request: RecordingRequest): Promise<RecordingInput> {
    const topics: RecordedTopic[] = [];
    const remarks: string[] = [];
    let isWhole = true;
    let frameCount: number | null = 0;
    for (const part of request.parts) {
      const file = await openPart(part);
      try {
        if (file.remark !== null) remarks.push(file.remark);
        if (file.topics === null) isWhole = false;
        for (const topic of file.topics ?? []) topics.push(topic);
        const count = await file.countMessages((topic) => isTaken(request, topic));
        frameCount = frameCount === null || count === null ? null : frameCount + count;
      } finally {
        await file.close();
      }
    }
    if (isWhole) checkTopics(request, topics);
    return new RecordingInput(request, topics, frameCount, remarks);
  }

  async *frames(signal?: AbortSignal): AsyncGenerator<OfflineInput> {
    const counts = new Map<string, number>();
    const seen = new Set<RecordedTopic>();
    const isWanted = (topic: RecordedTopic) => {
      seen.add(topic);
      return isTaken(this.#request, topic);
    };
    for (const part of this.#request.parts) {
      for await (const read of this.#read(part, isWanted, signal)) {
        if (read instanceof ConfigError) {
          yield { kind: 'lost', path: part.path, name: this.name, fault: read };
          continue;
        }
        const { topic, logTimeNs, cdr } = read;
        const number = counts.get(topic.name) ?? 0;
        counts.set(topic.name, number + 1);
        const name = numberedName(`${this.name}_${this.#names.of(topic.name)}`, number);
        yield { kind: 'message', path: part.path, name, topic, logTimeNs, cdr };
      }
    }
    const topics = [...seen];
    if (this.frameCount === null && !topics.some((topic) => isTaken(this.#request, topic)))
      yield { kind: 'lost', path: this.path, name: this.name, fault: noPictures(this.path, topics) };
  }

  async *#read(part: ByteFile, isWanted: (topic: RecordedTopic) => boolean, signal: AbortSignal | undefined) {
    let file: RecordingFile;
    try {
      file = await openPart(part, signal);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      yield error;
      return;
    }
    try {
      yield* file.messages(isWanted);
    } finally {
      await file.close();
    }
  }
}

function isTaken({ topics }: RecordingRequest, topic: RecordedTopic): boolean {
  return isPicture(topic) && (topics === null || topics.includes(topic.name));
}
