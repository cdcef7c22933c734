/**
 * Flags in memory that both threads share, because a message would arrive too late.
 *
 * onnxruntime-node 1.30 ends the whole process ("terminate called after throwing an instance of
 * 'Napi::Error'") when its thread is terminated inside a call. So the worker says when it is inside, and
 * whoever wants it gone first forbids it to enter again and then waits until it is out.
 */
export type NativeGate = Int32Array;

/** Indices of the flags. */
const inNative = 0;
const stopped = 1;

/** An open gate, shared between the worker and the thread that may terminate it. */
export function makeGate(): NativeGate {
  return new Int32Array(new SharedArrayBuffer(8));
}

/** Worker: must be asked before each call into onnxruntime; false means that there shall be none. */
export function enterNative(gate: NativeGate): boolean {
  // This thread stores its flag and then loads the other's; the other thread does the same. So one of them sees
  // the other.
  Atomics.store(gate, inNative, 1);
  if (Atomics.load(gate, stopped) === 0) return true;
  leaveNative(gate);
  return false;
}

/** Worker: the call into onnxruntime has returned. */
export function leaveNative(gate: NativeGate): void {
  Atomics.store(gate, inNative, 0);
  Atomics.notify(gate, inNative);
}

/** Forbids the worker to call onnxruntime again; returns whether it is inside a call now. */
export function stopNative(gate: NativeGate): boolean {
  Atomics.store(gate, stopped, 1);
  return Atomics.load(gate, inNative) === 1;
}

/** Blocks the calling thread until the worker is out of onnxruntime or the time is over. */
export function blockWhileInNative(gate: NativeGate, timeoutMs: number): void {
  Atomics.wait(gate, inNative, 1, timeoutMs);
}
