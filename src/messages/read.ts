import { parse } from '@foxglove/rosmsg';
import { MessageReader } from '@foxglove/rosmsg2-serialization';
import { messageDefinition, type PublishedType } from './definitions.js';
import { ListLengths } from './listLengths.js';

/** std_msgs/Header. */
export interface HeaderMessage {
  readonly stamp: { readonly sec: number; readonly nanosec: number };
  readonly frame_id: string;
}

/** vision_msgs/Detection2DArray, the fields this package fills. */
export interface Detection2DArrayMessage {
  readonly header: HeaderMessage;
  readonly detections: readonly {
    readonly header: HeaderMessage;
    readonly results: readonly {
      readonly hypothesis: { readonly class_id: string; readonly score: number };
    }[];
    readonly bbox: {
      readonly center: {
        readonly position: { readonly x: number; readonly y: number };
        readonly theta: number;
      };
      readonly size_x: number;
      readonly size_y: number;
    };
    readonly id: string;
  }[];
}

/** vision_msgs/Detection3DArray, the fields this package fills. */
export interface Detection3DArrayMessage {
  readonly header: HeaderMessage;
  readonly detections: readonly {
    readonly results: readonly {
      readonly hypothesis: { readonly class_id: string; readonly score: number };
      readonly pose: {
        readonly pose: { readonly position: { readonly x: number; readonly y: number; readonly z: number } };
      };
    }[];
    readonly id: string;
  }[];
}

/** rdk_yolo_seg_msgs/InstanceMaskArray. */
export interface InstanceMaskArrayMessage {
  readonly header: HeaderMessage;
  readonly image_width: number;
  readonly image_height: number;
  readonly masks: readonly {
    readonly id: string;
    readonly class_id: string;
    readonly score: number;
    readonly x_offset: number;
    readonly y_offset: number;
    readonly width: number;
    readonly height: number;
    readonly encoding: number;
    readonly data: Uint8Array;
    readonly run_lengths: Uint32Array;
    readonly contours: readonly { readonly points: readonly { x: number; y: number; z: number }[] }[];
  }[];
}

/** sensor_msgs/CompressedImage. */
export interface CompressedImageMessage {
  readonly header: HeaderMessage;
  readonly format: string;
  readonly data: Uint8Array;
}

/** sensor_msgs/Image; `data` is a view of the message. */
export interface ImageMessage {
  readonly header: HeaderMessage;
  readonly height: number;
  readonly width: number;
  readonly encoding: string;
  readonly is_bigendian: number;
  readonly step: number;
  readonly data: Uint8Array;
}

/** sensor_msgs/CameraInfo. */
export interface CameraInfoMessage {
  readonly header: HeaderMessage;
  readonly height: number;
  readonly width: number;
  readonly d: Float64Array;
  /** [3, 3] */
  readonly k: Float64Array;
  /** [3, 4] */
  readonly p: Float64Array;
  readonly binning_x: number;
  readonly binning_y: number;
  readonly roi: {
    readonly x_offset: number;
    readonly y_offset: number;
    readonly height: number;
    readonly width: number;
  };
}

/** diagnostic_msgs/DiagnosticArray. */
export interface DiagnosticArrayMessage {
  readonly header: HeaderMessage;
  readonly status: readonly {
    readonly level: number;
    readonly name: string;
    readonly message: string;
    readonly hardware_id: string;
    readonly values: readonly { readonly key: string; readonly value: string }[];
  }[];
}

interface Reader {
  readonly lengths: ListLengths;
  readonly messages: MessageReader;
}

const readers = new Map<PublishedType, Reader>();

function readerOf(type: PublishedType): Reader {
  const known = readers.get(type);
  if (known !== undefined) return known;
  const definitions = parse(messageDefinition(type), { ros2: true });
  // Its ROS time has nanoseconds as `nsec` unless told; ours spell it as ROS 2 does.
  const messages = new MessageReader(definitions, { timeType: 'sec,nanosec' });
  const reader = { lengths: new ListLengths(definitions), messages };
  readers.set(type, reader);
  return reader;
}

function read<Message>(type: PublishedType, cdr: Uint8Array): Message {
  const { lengths, messages } = readerOf(type);
  // Lists are read to the end of the memory that a message lies in, not of the message.
  const whole = cdr.byteLength === cdr.buffer.byteLength ? cdr : new Uint8Array(cdr);
  lengths.check(whole);
  return messages.readMessage<Message>(whole);
}

/** Reads a serialised message; throws RangeError where it ends too early. */
export function readDetections(cdr: Uint8Array): Detection2DArrayMessage {
  return read('vision_msgs/msg/Detection2DArray', cdr);
}

/** Reads a serialised message; throws RangeError where it ends too early. */
export function readDetections3d(cdr: Uint8Array): Detection3DArrayMessage {
  return read('vision_msgs/msg/Detection3DArray', cdr);
}

/** Reads a serialised message; throws RangeError where it ends too early. */
export function readMasks(cdr: Uint8Array): InstanceMaskArrayMessage {
  return read('rdk_yolo_seg_msgs/msg/InstanceMaskArray', cdr);
}

/** Reads a serialised message; throws RangeError where it ends too early. */
export function readCompressedImage(cdr: Uint8Array): CompressedImageMessage {
  return read('sensor_msgs/msg/CompressedImage', cdr);
}

/** Reads a serialised message; throws RangeError where it ends too early. */
export function readImage(cdr: Uint8Array): ImageMessage {
  return read('sensor_msgs/msg/Image', cdr);
}

/** Reads a serialised message; throws RangeError where it ends too early. */
export function readCameraInfo(cdr: Uint8Array): CameraInfoMessage {
  return read('sensor_msgs/msg/CameraInfo', cdr);
}

/** Reads a serialised message; throws RangeError where it ends too early. */
export function readDiagnostics(cdr: Uint8Array): DiagnosticArrayMessage {
  return read('diagnostic_msgs/msg/DiagnosticArray', cdr);
}
