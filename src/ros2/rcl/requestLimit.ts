import { rclAddon } from './binary.js';
import { limits } from '../../core/limits.js';
import { UnreadRequest } from './unreadRequest.js';

/** Serialised lists without items, numbers that are 0 and empty texts, more of them than any request has. */
const emptyMessage = Buffer.from([0, 1, ...new Array(4098).fill(0)]);

/** A type of ref-napi: of a struct with `fields`, of an array with the `type` of its items, or of a value. */
interface RefType {
  readonly fields?: Readonly<Record<string, { readonly type: RefType }>>;
  readonly type?: RefType;
}

/** A struct in C; its fields are read at each look. */
type RefStruct = { readonly constructor: RefType; ref(): Buffer } & Readonly<Record<string, unknown>>;

/** A list in C, and a text alike: `size` items from `data` on. */
interface RefList {
  readonly size: number;
  readonly data: { length: number; readonly [index: number]: RefStruct };
}

/** The parts of rclnodejs's message classes by which it reads a message that was taken. */
interface TakenMessage {
  /** The message in C. */
  readonly refObject: RefStruct;
  toRawROS(): Buffer;
  deserialize(refObject: object): void;
}

interface MessageClass {
  new (): TakenMessage;
  readonly refObjectType: RefType;
  type(): { readonly pkgName: string; readonly subFolder: string; readonly interfaceName: string };
  destroyRawROS(message: TakenMessage): void;
}

/** The part of rclnodejs's node that reads the requests of its services. */
export interface RequestReader {
  _runWithMessageType(Type: MessageClass, take: (message: Buffer, read: () => object) => void): void;
}

/** The type of a list's items; undefined for a text, and for bytes and floats, which are read in one piece. */
const itemType = ({ fields }: RefType) => fields?.data?.type.type;
const isSequence = ({ fields }: RefType) => fields?.size !== undefined && fields.capacity !== undefined;

/** The values of every message of a type, or null where lists decide. */
function fixedCount({ fields }: RefType): number | null {
  let count = 0;
  for (const { type } of Object.values(fields!)) {
    if (itemType(type) !== undefined) return null;
    const nested = type.fields === undefined || isSequence(type) ? 1 : fixedCount(type);
    if (nested === null) return null;
    count += nested;
  }
  return count;
}

/** Counts items of lists and fields of messages, until there are more than `most`. */
function countValues(type: RefType, struct: RefStruct, most: number): number {
  const fixed = fixedCount(type);
  if (fixed !== null) return fixed;
  let count = 0;
  for (const [name, { type: fieldType }] of Object.entries(type.fields!)) {
    const items = itemType(fieldType);
    if (items !== undefined) count += countItems(items, struct[name] as RefList, most - count);
    else if (fieldType.fields === undefined || isSequence(fieldType)) count++;
    else count += countValues(fieldType, struct[name] as RefStruct, most - count);
  }
  return count;
}

function countItems(items: RefType, { size, data }: RefList, most: number): number {
  const length = Number(size);
  const fixed = fixedCount(items);
  if (fixed !== null || length > most) return length * (fixed ?? 1);
  data.length = length;
  let count = 0;
  for (let index = 0; index < length && count <= most; index++) {
    count += countValues(items, data[index]!, most - count);
  }
  return count;
}

/** Items of the lists of a message itself, by field. */
function listLengths(type: RefType, struct: RefStruct): Record<string, number> {
  const lists = Object.entries(type.fields!).filter(
    ([, { type: listType }]) => itemType(listType) !== undefined,
  );
  return Object.fromEntries(lists.map(([name]) => [name, Number((struct[name] as RefList).size)]));
}

function read(Type: MessageClass, message: TakenMessage): object {
  const { pkgName, subFolder, interfaceName } = Type.type();
  const { refObjectType } = Type;
  const { refObject } = message;
  const bytes = rclAddon.serialize(pkgName, subFolder, interfaceName, refObject.ref()).length;
  const isTooLarge =
    bytes > limits.requestBytes ||
    countValues(refObjectType, refObject, limits.requestValues) > limits.requestValues;
  if (!isTooLarge) {
    const request = new Type();
    request.deserialize(refObject);
    return request;
  }
  const unread = new UnreadRequest(bytes, listLengths(refObjectType, refObject));
  // Frees the content at once: rclnodejs frees item by item, in the time that it takes to read them.
  rclAddon.deserialize(pkgName, subFolder, interfaceName, emptyMessage, refObject.ref());
  return unread;
}

/**
 * Has a node read no request that would hold it up: its service gets an {@link UnreadRequest} for it.
 *
 * What is taken is freed where it cannot be read, too; rclnodejs 2.2 leaks it.
 */
export function limitRequests(node: RequestReader): void {
  node._runWithMessageType = (Type, take) => {
    const message = new Type();
    try {
      take(message.toRawROS(), () => read(Type, message));
    } finally {
      Type.destroyRawROS(message);
    }
  };
}
