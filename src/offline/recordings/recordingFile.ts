import type { ConfigError } from '../../core/errors.js';

/** The definition of a message type, as the file has it. */
export interface RecordedSchema {
  /** `ros2msg` or `ros2idl`. */
  readonly encoding: string;
  readonly data: Uint8Array;
}

/** What a recording says of a topic before its messages are read. */
export interface RecordedTopic {
  readonly name: string;
  /** As ROS 2 names it: `sensor_msgs/msg/Image`; empty where the recording does not say it. */
  readonly type: string;
  /** How its messages are written; `cdr` in ROS 2. */
  readonly encoding: string;
  /** Null where the recording has none. */
  readonly schema: RecordedSchema | null;
}

/** A serialised message, and when it came to the recorder. */
export interface RecordedMessage {
  readonly topic: RecordedTopic;
  readonly logTimeNs: bigint;
  /** Memory of its own. */
  readonly cdr: Uint8Array;
}

/** A file that is read in parts: MCAP, or SQLite as rosbag2 writes it. */
export interface RecordingFile {
  /** Null where the whole file has to be read for them: one without an index. */
  readonly topics: readonly RecordedTopic[] | null;
  /** How many messages some topics have; null where the file does not say. SQLite goes through all of its rows for it. */
  countMessages(isWanted: (topic: RecordedTopic) => boolean): Promise<number | null>;
  /** Something to be told of the file as it is; null if nothing. */
  readonly remark: string | null;
  /**
   * The messages of some topics, one at a time, in the order of their log times as far as the file's index gives it. What
   * cannot be read comes as an error in its place, and the others follow.
   */
  messages(isWanted: (topic: RecordedTopic) => boolean): AsyncGenerator<RecordedMessage | ConfigError>;
  close(): Promise<void>;
}
