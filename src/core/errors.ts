import { limits } from './limits.js';
import { shortened, shown } from './words.js';

/**
 * Base of every error this package throws on purpose; `details` carries the numbers behind the message.
 *
 * A message is one line, or the lines of a list: what a text from outside would break off or steer in one is escaped (`shown`). The middle
 * of a message longer than `limits.messageCharacters` is left out: what it quotes may be a megabyte.
 */
export class SegError extends Error {
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: string,
    message: string | readonly string[],
    details: Readonly<Record<string, unknown>> = {},
    cause?: unknown,
  ) {
    const lines = typeof message === 'string' ? [message] : message;
    super(
      shortened(lines.map(shown).join('\n'), limits.messageCharacters),
      cause === undefined ? undefined : { cause },
    );
    this.name = new.target.name;
    this.code = code;
    this.details = details;
  }
}

/** A parameter, flag or file the user gave is unusable: configure fails, the CLI exits with 2. */
export class ConfigError extends SegError {}

/** A model file or its tensors do not have the form this package can run. */
export class ModelContractError extends SegError {}

/**
 * Why one frame is unusable or was lost: its size, step, encoding and bytes contradict each other or the model, its
 * message or its compressed picture is broken, it does not reach to the part that is to be segmented, its publisher
 * wrote into it while it was read, or its task on the BPU failed alone.
 */
export const frameErrorCodes = [
  'size',
  'step',
  'encoding',
  'data_size',
  'layout',
  'picture',
  'serialized_form',
  'roi',
  'overwritten',
  'bpu_busy',
  'bpu_task',
  'bpu_timeout',
] as const;
/** A reason out of {@link frameErrorCodes}. */
export type FrameErrorCode = (typeof frameErrorCodes)[number];

/** This one frame is unusable or was lost; `code` is the drop reason that is counted. */
export class FrameError extends SegError {
  declare readonly code: FrameErrorCode;

  constructor(
    code: FrameErrorCode,
    message: string,
    details?: Readonly<Record<string, unknown>>,
    cause?: unknown,
  ) {
    super(code, message, details, cause);
  }
}

/**
 * Why a depth picture or its camera's description is of no use: the picture is no rows of depths, the description has no focal
 * lengths, or the two, or they and the camera's picture, contradict each other.
 */
export const depthErrorCodes = [
  'encoding',
  'size',
  'step',
  'data_size',
  'byte_order',
  'serialized_form',
  'camera_info',
  'frame',
  'aspect',
] as const;
/** A reason out of {@link depthErrorCodes}. */
export type DepthErrorCode = (typeof depthErrorCodes)[number];

/** A depth picture cannot be used; `code` is the reason that is counted. What was segmented is not concerned. */
export class DepthError extends SegError {
  declare readonly code: DepthErrorCode;

  constructor(code: DepthErrorCode, message: string, details?: Readonly<Record<string, unknown>>) {
    super(code, message, details);
  }
}

/** The inference session is dead; it carries the vendor's status and call where there is one. */
export class BackendError extends SegError {}

/** The middleware refused something: subscription, publisher, take, publish. */
export class TransportError extends SegError {}

/**
 * A store of recordings or results refused or did not answer. The CLI exits with 75 where the same may succeed when it is run
 * again, else with 2.
 */
export class StoreError extends SegError {
  readonly isTemporary: boolean;

  constructor(
    message: string,
    isTemporary: boolean,
    details: Readonly<Record<string, unknown>>,
    cause?: unknown,
  ) {
    super(isTemporary ? 'store_temporary' : 'store', message, details, cause);
    this.isTemporary = isTemporary;
  }
}

/** Somebody interrupted the work, which has put things in order; the CLI exits as the signal would have it. */
export class InterruptedError extends SegError {
  readonly signal: NodeJS.Signals;

  constructor(signal: NodeJS.Signals) {
    super('interrupted', `interrupted by ${signal}`, { signal });
    this.signal = signal;
  }
}

/** Something was used after it was closed: a bug in the caller. */
export class ClosedError extends SegError {}

/** One line for a log: the code, the message, and the messages of those causes that say anything new. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return shown(String(error));
  // Messages of libraries may be drawn over several lines.
  const head =
    error instanceof SegError
      ? `${error.code}: ${error.message}`
      : shortened(shown(error.message.replace(/\s+/g, ' ').trim()), limits.messageCharacters);
  return withCauses(head, error.cause);
}

function withCauses(told: string, cause: unknown): string {
  if (cause === undefined) return told;
  const isTold = cause instanceof Error && told.includes(cause.message.replace(/\s+/g, ' ').trim());
  return isTold ? withCauses(told, cause.cause) : `${told} (caused by ${describeError(cause)})`;
}
