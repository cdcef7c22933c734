import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ParameterValues } from '../config/schema.js';
import type { FrameHeader } from '../core/frame.js';
import type { ModelInfo } from '../core/ports.js';
import type { FrameResult } from '../core/result.js';
import { checkWritable, takeName, unfinishedPath } from '../files/atomicFile.js';
import { OutputFolder } from '../files/folders.js';
import { CdrWriter } from '../messages/cdrWriter.js';
import { isPublishedType, type PublishedType } from '../messages/definitions.js';
import { writeCompressedImage, writeImage, writeJpegImage } from '../messages/image.js';
import { writePerceptionInfo } from '../messages/perceptionInfo.js';
import { AnnotationsOutput } from '../outputs/annotationsOutput.js';
import { ConfidenceOutput } from '../outputs/confidenceOutput.js';
import { DetectionsOutput } from '../outputs/detectionsOutput.js';
import { LabelOutput } from '../outputs/labelOutput.js';
import { MasksOutput } from '../outputs/masksOutput.js';
import { checkTopicCount, McapFile, type McapTopic } from '../outputs/mcapFile.js';
import {
  defaultNodeName,
  type OutputTopic,
  type OutputTopicName,
  type ResultOutput,
} from '../outputs/output.js';
import { PerceptionOutput } from '../outputs/perceptionOutput.js';
import { hasOwnFile, type InputSource, type MessageInput, type OfflineInput } from './offlineInput.js';
import type { OpenedFrame } from './openInput.js';
import type { RecordedTopic } from './recordings/recordingFile.js';

/** Of the file with all pictures, and their topic in it. */
const picturesName = 'pictures';
const picturesTopic = '/image';

/** What came of a frame. */
export interface FrameOutcome {
  readonly frame: OpenedFrame;
  readonly result: FrameResult;
  /** The picture with what was found; null where none was drawn. */
  readonly overlayJpeg: Uint8Array | null;
}

/** What messages are made with. */
interface Making {
  readonly model: ModelInfo;
  readonly values: ParameterValues;
  readonly writer: CdrWriter;
}

/** A topic of a file, at the time of the message that is worked on. */
class FileTopic implements OutputTopic {
  readonly isAvailable = true;
  readonly isWanted = true;
  readonly #topic: McapTopic;
  readonly #name: OutputTopicName;
  readonly #nowNs: () => bigint;
  #count = 0;

  constructor(topic: McapTopic, name: OutputTopicName, nowNs: () => bigint) {
    this.#topic = topic;
    this.#name = name;
    this.#nowNs = nowNs;
  }

  get counters() {
    return { topic: this.#name, handedOver: this.#count, refused: 0 };
  }

  publish(cdr: Uint8Array): boolean {
    this.#topic.add(cdr.slice(), this.#nowNs());
    this.#count++;
    return true;
  }
}

/** Where topics are added. */
type TopicAdder = Pick<McapFile, 'addTopic'>;

/** What the node would publish if it subscribed to one topic. */
class NodeTopics {
  readonly #making: Making;
  readonly #outputs: readonly ResultOutput[];
  readonly #overlay: OutputTopic;
  readonly #info: OutputTopic;
  #nowNs = 0n;
  #isAnnounced = false;

  /** @param namespace Of the node; empty, or with a slash before it. */
  constructor(file: TopicAdder, namespace: string, making: Making) {
    this.#making = making;
    const clock = { nowNs: () => this.#nowNs };
    const open = (type: PublishedType, name: OutputTopicName) => {
      const resolved = name.startsWith('~')
        ? `${namespace}/${defaultNodeName}${name.slice(1)}`
        : `${namespace}/${name}`;
      return new FileTopic(file.addTopic(resolved, type), name, clock.nowNs);
    };
    const values = () => making.values;
    const means = { values, frameId: () => values().frame_id, writer: making.writer };
    this.#outputs = [
      new DetectionsOutput(open, means),
      new MasksOutput(open, means),
      new LabelOutput(open, means, clock),
      new ConfidenceOutput(open, means),
      new PerceptionOutput(open, means, null),
      new AnnotationsOutput(open, means),
    ];
    this.#info = open('ai_msgs/msg/PerceptionInfo', 'hobot_dnn_detection_info');
    this.#overlay = open('sensor_msgs/msg/CompressedImage', '~/overlay/compressed');
  }

  add(result: FrameResult, overlayJpeg: Uint8Array | null, logTimeNs: bigint): void {
    this.#nowNs = logTimeNs;
    if (!this.#isAnnounced) this.#announce(result.header);
    for (const output of this.#outputs) output.publish(result, this.#making);
    if (overlayJpeg !== null)
      this.#overlay.publish(writeJpegImage(this.#making.writer, result.header, overlayJpeg));
  }

  /** What the node says before its first result. */
  #announce(header: FrameHeader): void {
    this.#isAnnounced = true;
    const { model, values, writer } = this.#making;
    for (const output of this.#outputs) output.announce?.(model);
    if (!values['output.perception_targets']) return;
    const infoHeader = { stampNs: this.#nowNs, frameId: values.frame_id };
    this.#info.publish(writePerceptionInfo(writer, infoHeader, header, model.classNames));
  }
}

/** How many topics a file has for one of pictures: those of a node, and it itself. */
function topicsForEach(making: Making): number {
  let count = 1;
  const addTopic = () => {
    count++;
    return { add: () => {} };
  };
  new NodeTopics({ addTopic }, '', making);
  return count;
}

/** One file: the pictures of a recording, or all pictures that were given, and what was found in them. */
class ResultFile {
  readonly #path: string;
  readonly #file: McapFile;
  readonly #making: Making;
  readonly #hasOneTopic: boolean;
  readonly #inputs = new Map<string, McapTopic>();
  readonly #nodes = new Map<string, NodeTopics>();

  private constructor(path: string, file: McapFile, making: Making, hasOneTopic: boolean) {
    this.#path = path;
    this.#file = file;
    this.#making = making;
    this.#hasOneTopic = hasOneTopic;
  }

  static async create(path: string, making: Making, hasOneTopic: boolean): Promise<ResultFile> {
    await checkWritable(path);
    return new ResultFile(
      path,
      await McapFile.create(unfinishedPath(path), undefined, path),
      making,
      hasOneTopic,
    );
  }

  async add(input: OfflineInput, outcome: FrameOutcome | null): Promise<void> {
    if (input.kind === 'message') this.#addMessage(input);
    else if (outcome !== null) this.#addPicture(outcome);
    if (outcome !== null) {
      const [topic, logTimeNs] =
        input.kind === 'message'
          ? [input.topic.name, input.logTimeNs]
          : [picturesTopic, outcome.result.header.stampNs];
      this.#node(topic).add(outcome.result, outcome.overlayJpeg, logTimeNs);
    }
    await this.#file.written();
  }

  /** The file takes its name, whole. */
  async finish(): Promise<void> {
    await this.#file.close();
    await takeName(this.#path);
  }

  async discard(): Promise<void> {
    // What failed before is told already.
    await this.#file.close().catch(() => {});
    await rm(unfinishedPath(this.#path), { force: true });
  }

  #node(topic: string): NodeTopics {
    const namespace = this.#hasOneTopic ? '' : topic;
    let node = this.#nodes.get(namespace);
    if (node === undefined) {
      node = new NodeTopics(this.#file, namespace, this.#making);
      this.#nodes.set(namespace, node);
    }
    return node;
  }

  #addMessage({ topic, cdr, logTimeNs }: MessageInput): void {
    this.#input(topic.name, () => this.#addRecorded(topic)).add(cdr, logTimeNs);
  }

  #addRecorded({ name, type, schema }: RecordedTopic): McapTopic {
    if (schema !== null) return this.#file.addTopic(name, { name: type, ...schema });
    if (!isPublishedType(type)) throw new Error(`${type} has no definition`);
    return this.#file.addTopic(name, type);
  }

  #addPicture({ frame: { picture }, result: { header } }: FrameOutcome): void {
    const { bytes, view } = picture!;
    const { writer } = this.#making;
    if ('sizeBytes' in view) {
      const topic = `${picturesTopic}/compressed`;
      const cdr = writeCompressedImage(writer, header, view.format, bytes).slice();
      const open = () => this.#file.addTopic(topic, 'sensor_msgs/msg/CompressedImage');
      this.#input(topic, open).add(cdr, header.stampNs);
      return;
    }
    const stepBytes = view.format === 'nv12' ? view.widthPx : view.strideBytes;
    const { format: encoding, widthPx, heightPx } = view;
    const rows = { encoding, widthPx, heightPx, stepBytes, bytes };
    const cdr = writeImage(writer, header, rows).slice();
    const open = () => this.#file.addTopic(picturesTopic, 'sensor_msgs/msg/Image');
    this.#input(picturesTopic, open).add(cdr, header.stampNs);
  }

  #input(name: string, make: () => McapTopic): McapTopic {
    let topic = this.#inputs.get(name);
    if (topic === undefined) {
      topic = make();
      this.#inputs.set(name, topic);
    }
    return topic;
  }
}

/**
 * Writes what the node would publish, and what it was found in: a file of MCAP for each recording and one for all pictures.
 * Each takes its name when it is whole.
 */
export class McapResults {
  readonly #folder: OutputFolder;
  readonly #making: Making;
  readonly #open = new Map<InputSource | null, ResultFile>();

  /** Throws ConfigError `mcap_topics` for a recording of more topics than its results could be told apart. */
  constructor(folder: string, model: ModelInfo, values: ParameterValues, sources: readonly InputSource[]) {
    this.#folder = new OutputFolder(folder);
    this.#making = { model, values, writer: new CdrWriter() };
    this.#refuseManyTopics(sources);
  }

  /** Inputs in their order. @param outcome Null for one that cannot be segmented. */
  async add(source: InputSource, input: OfflineInput, outcome: FrameOutcome | null): Promise<void> {
    for (const [other, file] of this.#open) {
      // Recordings come one after the other, pictures between them.
      if (other === null || other === source) continue;
      await file.finish();
      this.#open.delete(other);
    }
    // There is nothing of it to be kept.
    if (outcome === null && input.kind !== 'message') return;
    const file = await this.#fileOf(source);
    await file.add(input, outcome);
  }

  /** Ends the files that are still open. */
  async finish(): Promise<void> {
    for (const [source, file] of this.#open) {
      await file.finish();
      this.#open.delete(source);
    }
  }

  /** Leaves nothing of files that are not finished, nor a folder without a file. */
  async close(): Promise<void> {
    for (const file of this.#open.values()) await file.discard();
    this.#open.clear();
    this.#folder.removeEmpty();
  }

  #refuseManyTopics(sources: readonly InputSource[]): void {
    const each = topicsForEach(this.#making);
    for (const { kind, name, path, frameNames, frameCount } of sources) {
      if (kind !== 'recording') continue;
      // One of the names is that of all of it. A topic without a message has none here.
      const topics = Math.min(frameNames.length - 1, frameCount ?? Infinity);
      const why = `, and ${path} has ${topics} of pictures with ${each} each: choose some with --topic`;
      checkTopicCount(this.#pathOf(name), topics * each, why);
    }
  }

  #pathOf(name: string): string {
    return join(this.#folder.path, `${name}.mcap`);
  }

  async #fileOf(source: InputSource): Promise<ResultFile> {
    const key = hasOwnFile(source) ? source : null;
    const known = this.#open.get(key);
    if (known !== undefined) return known;
    const name = key === null ? picturesName : source.name;
    this.#folder.make();
    const file = await ResultFile.create(this.#pathOf(name), this.#making, source.isOneTopic);
    this.#open.set(key, file);
    return file;
  }
}
