/**
 * Flags that both threads see at once, for what messages cannot do: waiting without an event loop.
 *
 * onnxruntime-node 1.30 ends the whole process ("terminate called after throwing an instance of
 * 'Napi::Error'") when its thread is terminated inside a call. So the worker says when it is inside, and
 * whoever wants it gone first forbids it to enter again and then waits until it is out.
 */
export type WorkerControl = Int32Array;

/** Indices of the flags two threads share. */
const answered = 0;
const inNative = 1;
const stopped = 2;

export function makeControl(): WorkerControl {
  return new Int32Array(new SharedArrayBuffer(12));
}

/** Worker: the answer to the opening has been posted. */
export function markAnswered(control: WorkerControl): void {
  Atomics.store(control, answered, 1);
  Atomics.notify(control, answered);
}

/** Blocks the calling thread until the answer was posted or the time is over. */
export function blockUntilAnswered(control: WorkerControl, timeoutMs: number): void {
  Atomics.wait(control, answered, 0, timeoutMs);
}

/** Worker: must be asked before each call into onnxruntime; false means that there shall be none. */
export function enterNative(control: WorkerControl): boolean {
  // Store before load, and the other thread the other way round: one of the two sees the other.
  Atomics.store(control, inNative, 1);
  if (Atomics.load(control, stopped) === 0) return true;
  leaveNative(control);
  return false;
}

/** Worker: the call into onnxruntime has returned. */
export function leaveNative(control: WorkerControl): void {
  Atomics.store(control, inNative, 0);
  Atomics.notify(control, inNative);
}

/** Forbids the worker to call onnxruntime again; returns whether it is inside a call now. */
export function stopNative(control: WorkerControl): boolean {
  Atomics.store(control, stopped, 1);
  return Atomics.load(control, inNative) === 1;
}

/** Blocks the calling thread until the worker is out of onnxruntime or the time is over. */
export function blockWhileInNative(control: WorkerControl, timeoutMs: number): void {
  Atomics.wait(control, inNative, 1, timeoutMs);
}
