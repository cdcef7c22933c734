import type { ParameterType, ParameterValue } from '../../config/parameterSpec.js';
import { ConfigError, SegError, describeError } from '../../core/errors.js';
import { limits } from '../../core/limits.js';
import { suggestion, valueText } from '../../core/words.js';
import {
  isAccepted,
  type ParameterMessage,
  readParameterValue,
  wireTypeOf,
  writeParameterValue,
} from './parameterMessages.js';
import type { RosNode } from '../rcl/rosNode.js';
import { UnreadRequest } from '../rcl/unreadRequest.js';

/** What a parameter is declared with. */
export interface ParameterDeclaration {
  readonly name: string;
  readonly type: ParameterType;
  readonly description: string;
  readonly readOnly: boolean;
  readonly range: { readonly from: number; readonly to: number } | null;
  /** Free text shown by `ros2 param describe`. */
  readonly constraints: string;
}

/** New values by parameter name. */
export type ParameterChanges = Readonly<Record<string, unknown>>;

/** Whose parameters the services show and set. */
export interface ServedParameters {
  readonly declarations: readonly ParameterDeclaration[];
  /** Present value of a declared parameter. */
  value(name: string): ParameterValue;
  /** Judges changes of the right types and makes ready what they need; throws SegError for those that are refused. */
  prepare(changes: ParameterChanges): PreparedChange;
}

/** A change that may be taken: it is committed, and discarded where it is not or its commit fails. */
export interface PreparedChange {
  commit(): void;
  /** Gives back what was made ready and is not in use. */
  discard(): void;
}

/** rcl_interfaces/SetParametersResult */
export interface SetResult {
  readonly successful: boolean;
  readonly reason: string;
}

interface NamesRequest {
  readonly names: readonly string[];
}

interface SetRequest {
  readonly parameters: readonly ParameterMessage[];
}

interface ListRequest {
  readonly prefixes: readonly string[];
  readonly depth: bigint | number;
}

/** Most results of a request that was not read. */
const mostRefusals = 1000;

/** One for each parameter, as callers count on, unless those alone would be too many to be sent. */
function resultCount(request: SetRequest | UnreadRequest): number {
  if (request instanceof UnreadRequest) return Math.min(request.lengths.parameters!, mostRefusals);
  return request.parameters.length;
}

/** The names that are asked for; throws ConfigError for more than can be answered at once. */
function namesOf({ names }: NamesRequest): readonly string[] {
  if (names.length <= limits.requestNames) return names;
  throw new ConfigError(
    'request',
    `the request has ${names.length} names; expected at most ${limits.requestNames}`,
  );
}

const notSet = { type: 0 } as const;
const levelsOf = (name: string) => name.split('.').length;
const refused = (reason: string): SetResult => ({ successful: false, reason });

/** Names of the services below the node's own name. */
export const parameterServiceNames = [
  'list_parameters',
  'describe_parameters',
  'get_parameters',
  'get_parameter_types',
  'set_parameters',
  'set_parameters_atomically',
] as const;

/**
 * The six parameter services of a node and its parameter events.
 *
 * Our own: those of rclnodejs 2.2 throw into native code for an integer list, an empty name or an unknown type, which
 * ends the process, send no ranges and leave unknown names out of the list of types.
 */
export class ParameterServices {
  readonly #ros: RosNode;
  readonly #served: ServedParameters;
  /** Those that are always there; the QoS of endpoints comes with the endpoints. */
  readonly #declarations: ReadonlyMap<string, ParameterDeclaration>;

  constructor(ros: RosNode, served: ServedParameters) {
    this.#ros = ros;
    this.#served = served;
    this.#declarations = new Map(served.declarations.map((one) => [one.name, one]));
    const serve = <Request>(
      service: (typeof parameterServiceNames)[number],
      type: string,
      answer: (request: Request) => object,
      failed?: (reason: string, request: Request | UnreadRequest) => object,
    ) => ros.createService(`rcl_interfaces/srv/${type}`, `~/${service}`, answer, failed);

    serve('list_parameters', 'ListParameters', (request: ListRequest) => ({ result: this.#list(request) }));
    serve('describe_parameters', 'DescribeParameters', (request: NamesRequest) => ({
      descriptors: namesOf(request).map((name) => this.#describe(name)),
    }));
    serve('get_parameters', 'GetParameters', (request: NamesRequest) => ({
      values: namesOf(request).map((name) => this.#message(name)),
    }));
    serve('get_parameter_types', 'GetParameterTypes', (request: NamesRequest) => ({
      types: namesOf(request).map((name) => this.#message(name).type),
    }));
    serve(
      'set_parameters',
      'SetParameters',
      ({ parameters }: SetRequest) => ({ results: parameters.map((parameter) => this.#set([parameter])) }),
      (reason, request) => ({ results: new Array(resultCount(request)).fill(refused(reason)) }),
    );
    serve(
      'set_parameters_atomically',
      'SetParametersAtomically',
      ({ parameters }: SetRequest) => ({ result: this.#set(parameters) }),
      (reason) => ({ result: refused(reason) }),
    );
    ros.publishParameterEvent({
      new_parameters: this.#names().map((name) => this.#parameter(name)),
    });
  }

  #names(): string[] {
    return [...this.#declarations.keys(), ...this.#ros.qosParameters.keys()];
  }

  #find(name: string): ParameterDeclaration | undefined {
    return this.#declarations.get(name) ?? this.#findQos(name);
  }

  #findQos(name: string): ParameterDeclaration | undefined {
    const value = this.#ros.qosParameters.get(name);
    if (value === undefined) return undefined;
    const type = typeof value === 'number' ? 'integer' : 'string';
    return {
      name,
      type,
      description: 'QoS policy of an endpoint, set at start',
      readOnly: true,
      range: null,
      constraints: '',
    };
  }

  #value(name: string): ParameterValue {
    return this.#ros.qosParameters.get(name) ?? this.#served.value(name);
  }

  /** As rclcpp and rclpy choose: names that are a prefix or lie below one, at most `depth` levels; 0 means all. */
  #list({ prefixes, depth }: ListRequest): { names: string[]; prefixes: string[] } {
    const deepest = Number(depth) === 0 ? Number.POSITIVE_INFINITY : Number(depth);
    const isBelow = (name: string, prefix: string) =>
      name.startsWith(`${prefix}.`) && levelsOf(name.slice(prefix.length + 1)) <= deepest;
    const names = this.#names().filter((name) =>
      prefixes.length === 0
        ? levelsOf(name) <= deepest
        : prefixes.some((prefix) => name === prefix || isBelow(name, prefix)),
    );
    const groups = names.filter((name) => name.includes('.')).map((name) => name.replace(/\.[^.]*$/, ''));
    return { names, prefixes: [...new Set(groups)] };
  }

  #message(name: string) {
    const declaration = this.#find(name);
    return declaration === undefined ? notSet : writeParameterValue(declaration.type, this.#value(name));
  }

  #parameter(name: string) {
    return { name, value: this.#message(name) };
  }

  /** rcl_interfaces/ParameterDescriptor; of type 0 (not set) for a name that the node does not have. */
  #describe(name: string): object {
    const declaration = this.#find(name);
    if (declaration === undefined) return { name, ...notSet };
    const { type, description, readOnly, range, constraints } = declaration;
    return {
      name,
      type: wireTypeOf(type, this.#value(name)),
      description,
      additional_constraints: constraints,
      read_only: readOnly,
      // The type that the value has may change with the next one.
      dynamic_typing: type.includes(' or '),
      // Step 0 means any value between.
      floating_point_range:
        range !== null && type === 'double' ? [{ from_value: range.from, to_value: range.to, step: 0 }] : [],
      integer_range:
        range !== null && type === 'integer'
          ? [{ from_value: BigInt(range.from), to_value: BigInt(range.to), step: 1n }]
          : [],
    };
  }

  /** Sets all or none of what a request has. */
  #set(parameters: readonly ParameterMessage[]): SetResult {
    const changes: Record<string, unknown> = {};
    for (const { name, value: message } of parameters) {
      const { typeName, value } = readParameterValue(message);
      const declaration = this.#find(name);
      if (declaration === undefined) return refused(this.#explainUnknown(name));
      if (declaration.readOnly) return refused(`${name} is read only: it is read once at start`);
      if (typeName === null) {
        return refused(
          `${name} has a value of type ${message.type}, which ROS does not know; expected ${declaration.type}`,
        );
      }
      if (typeName === 'not set') {
        return refused(`${name} cannot be undeclared; expected a value of type ${declaration.type}`);
      }
      if (!isAccepted(declaration.type, typeName)) {
        return refused(`${name} is ${valueText(value)} (${typeName}); expected ${declaration.type}`);
      }
      if (Object.hasOwn(changes, name)) {
        return refused(`${name} is given twice, as ${valueText(changes[name])} and ${valueText(value)}`);
      }
      changes[name] = value;
    }
    return this.set(changes);
  }

  /** Sets all or none, of the right types and not read only, and tells it as a parameter event. */
  set(changes: ParameterChanges): SetResult {
    let change: PreparedChange;
    try {
      change = this.#served.prepare(changes);
    } catch (error) {
      return refused(error instanceof SegError ? error.message : describeError(error));
    }
    try {
      change.commit();
    } catch (error) {
      change.discard();
      const failure = `parameters were set but not taken: ${describeError(error)}`;
      this.#ros.log('error', failure);
      return refused(failure);
    }
    this.#ros.publishParameterEvent({
      changed_parameters: Object.keys(changes).map((name) => this.#parameter(name)),
    });
    return { successful: true, reason: '' };
  }

  #explainUnknown(name: string): string {
    if (name === '') return 'the name of a parameter is empty';
    const shown = /^[\w.]{1,60}$/.test(name) ? name : valueText(name);
    return `${shown} has not been declared${suggestion(name, this.#names())}`;
  }
}
