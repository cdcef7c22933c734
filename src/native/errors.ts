import {
  BackendError,
  ClosedError,
  ConfigError,
  FrameError,
  ModelContractError,
  SegError,
  TransportError,
} from '../core/errors.js';

/** The class of every code an addon's error can carry; the codes are those of native/common/coded_error.h. */
export const nativeErrorClasses = {
  argument: SegError,
  native: SegError,
  cancelled: SegError,
  closed: ClosedError,
  overwritten: FrameError,
  layout: FrameError,
  picture: FrameError,
  memory: TransportError,
  dnn_library: ConfigError,
  bpu_model: ModelContractError,
  bpu_model_name: ConfigError,
  bpu_memory: BackendError,
  session_closed: ClosedError,
  too_many_in_flight: SegError,
  stale_lease: ClosedError,
  bpu_busy: FrameError,
  bpu_timeout: FrameError,
  bpu_task: FrameError,
  bpu_dead: BackendError,
  rcl: TransportError,
  node_handle: TransportError,
  type_support: TransportError,
  type_mismatch: TransportError,
  capacity: TransportError,
  serialized_form: FrameError,
} as const satisfies Record<string, typeof SegError>;

/** What an addon puts into `code` of the errors it throws. */
export type NativeErrorCode = keyof typeof nativeErrorClasses;

function isNativeErrorCode(code: unknown): code is NativeErrorCode {
  return typeof code === 'string' && Object.hasOwn(nativeErrorClasses, code);
}

/** An error of an addon as one of our classes; anything else, an error of a callback say, as it came. */
export function asSegError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof SegError) return error;
  const { code, details } = error as Error & { code?: unknown; details?: Record<string, unknown> };
  if (!isNativeErrorCode(code)) return error;
  const ErrorClass: typeof SegError = nativeErrorClasses[code];
  return new ErrorClass(code, error.message, details);
}

/** Runs a call into an addon and throws its errors as ours. */
export function guarded<Result>(call: () => Result): Result {
  try {
    return call();
  } catch (error) {
    throw asSegError(error);
  }
}

/** The same for a call that answers later. */
export async function guardedAsync<Result>(call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch (error) {
    throw asSegError(error);
  }
}
