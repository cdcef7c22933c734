import type { ParameterType, ParameterValue } from '../../config/parameterSpec.js';

/** rcl_interfaces/ParameterType by its number, and the field of rcl_interfaces/ParameterValue that holds the value. */
const wireTypes = [
  { name: 'not set', field: null },
  { name: 'bool', field: 'bool_value' },
  { name: 'integer', field: 'integer_value' },
  { name: 'double', field: 'double_value' },
  { name: 'string', field: 'string_value' },
  { name: 'byte_array', field: 'byte_array_value' },
  { name: 'bool_array', field: 'bool_array_value' },
  { name: 'integer_array', field: 'integer_array_value' },
  { name: 'double_array', field: 'double_array_value' },
  { name: 'string_array', field: 'string_array_value' },
] as const;

type WireTypeName = (typeof wireTypes)[number]['name'];

const typeNumbers = new Map<WireTypeName, number>(wireTypes.map(({ name }, number) => [name, number]));

/** rcl_interfaces/ParameterType of a type by its name. */
export function typeNumberOf(name: WireTypeName): number {
  return typeNumbers.get(name)!;
}

/** rcl_interfaces/ParameterValue; only the field that `type` means is read, and only that is set. */
export interface ParameterValueMessage {
  readonly type: number;
  readonly [field: string]: unknown;
}

/** rcl_interfaces/Parameter */
export interface ParameterMessage {
  readonly name: string;
  readonly value: ParameterValueMessage;
}

/** A received value in plain types: integers are numbers where they fit, else bigint; arrays are plain arrays. */
export interface ReceivedValue {
  /** Name of its type, or null for a number that means none. */
  readonly typeName: WireTypeName | null;
  readonly value: unknown;
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<unknown>, plain);
  return Array.isArray(value) ? value.map(plain) : value;
}

/** The value of a rcl_interfaces/ParameterValue; unknown types are told by a name of null. */
export function readParameterValue(message: ParameterValueMessage): ReceivedValue {
  const wireType = wireTypes[message.type];
  if (wireType === undefined) return { typeName: null, value: undefined };
  const { name, field } = wireType;
  return { typeName: name, value: field === null ? undefined : plain(message[field]) };
}

/** Whether a value of the type may be set to a parameter declared so; an integer is a double, too, as at start. */
export function isAccepted(declared: ParameterType, typeName: WireTypeName): boolean {
  if (declared === 'double' && typeName === 'integer') return true;
  return declared.split(' or ').includes(typeName);
}

/** Number of the type that the value has on the wire; the declared type is wider for lists of two kinds. */
export function wireTypeOf(declared: ParameterType, value: ParameterValue): number {
  const name =
    declared !== 'string_array or integer_array'
      ? declared
      : typeof (value as readonly unknown[])[0] === 'number'
        ? 'integer_array'
        : 'string_array';
  return typeNumberOf(name);
}

/** rcl_interfaces/ParameterValue of a value of a declared type. */
export function writeParameterValue(declared: ParameterType, value: ParameterValue): ParameterValueMessage {
  const type = wireTypeOf(declared, value);
  const { name, field } = wireTypes[type]!;
  const onWire =
    name === 'integer' || name === 'integer_array'
      ? Array.isArray(value)
        ? value.map(BigInt)
        : BigInt(value as number)
      : value;
  return { type, [field!]: onWire };
}
