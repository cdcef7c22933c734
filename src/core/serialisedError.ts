import {
  BackendError,
  ClosedError,
  ConfigError,
  FrameError,
  ModelContractError,
  SegError,
  TransportError,
} from './errors.js';

/** An error as it crosses threads: a structured clone would lose class and code. */
export interface SerialisedError {
  readonly name: string;
  readonly code: string | null;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly stack: string | undefined;
  readonly cause: SerialisedError | null;
}

const errorClasses: Readonly<Record<string, typeof SegError>> = {
  SegError,
  ConfigError,
  ModelContractError,
  FrameError,
  BackendError,
  TransportError,
  ClosedError,
};

/** An error as plain data that may cross threads, with its code, details and cause. */
export function serialiseError(error: unknown): SerialisedError {
  if (!(error instanceof Error)) {
    return { name: 'Error', code: null, message: String(error), details: {}, stack: undefined, cause: null };
  }
  return {
    name: error.name,
    code: error instanceof SegError ? error.code : null,
    message: error.message,
    details: error instanceof SegError ? error.details : {},
    stack: error.stack,
    cause: error.cause === undefined ? null : serialiseError(error.cause),
  };
}

/** The error of `serialiseError`, of its class where that is one of ours. */
export function deserialiseError(plain: SerialisedError): Error {
  const cause = plain.cause === null ? undefined : deserialiseError(plain.cause);
  const ErrorClass = errorClasses[plain.name];
  const error =
    ErrorClass !== undefined && plain.code !== null
      ? new ErrorClass(plain.code, plain.message.split('\n'), plain.details, cause)
      : new Error(plain.message, cause === undefined ? undefined : { cause });
  if (plain.stack !== undefined) error.stack = plain.stack;
  return error;
}
