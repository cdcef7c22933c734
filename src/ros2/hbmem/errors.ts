import { ClosedError, FrameError, SegError, TransportError } from '../../core/errors.js';

/** An error of the addon as one of our classes; anything else is returned as it came. */
export function asSegError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof SegError) return error;
  const { code, call, status } = error as Error & { code?: unknown; call?: unknown; status?: unknown };
  if (typeof code !== 'string') return error;
  if (code === 'closed') return new ClosedError(code, error.message);
  if (code === 'layout') return new FrameError(code, error.message);
  return new TransportError(code, error.message, call === undefined ? {} : { call, status });
}

/** Runs a call into the addon and throws its errors as ours. */
export function callNative<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw asSegError(error);
  }
}
