import { parse } from '@foxglove/rosmsg';
import { MessageReader, MessageWriter } from '@foxglove/rosmsg2-serialization';
import { messageDefinition, type PublishedType } from '#dist/messages/definitions.js';

/** The bytes another library writes for the same message. */
export function foxgloveBytes(type: PublishedType, message: unknown): Uint8Array {
  return new MessageWriter(parse(messageDefinition(type), { ros2: true })).writeMessage(message);
}

/** The message another library reads from the bytes. */
export function foxgloveMessage<Message>(type: PublishedType, cdr: Uint8Array): Message {
  const reader = new MessageReader(parse(messageDefinition(type), { ros2: true }), {
    timeType: 'sec,nanosec',
  });
  return reader.readMessage<Message>(cdr);
}
