import type { SessionAim, SessionOptions } from '../../core/ports.js';
import { type BufferInput, BufferInputs } from './bufferInputs.js';
import { FramePreparer } from './framePreparer.js';
import type { InputForm, InputSize } from './inputForm.js';

/**
 * Backends that take ordinary memory answer one frame after the other, and preparing one takes a millisecond: for a camera
 * a second one in flight would gain no rate and age by a whole inference. Of files one is inferred, one waits for that, one
 * is prepared, and one is written.
 */
const defaultTasksInFlight: Record<SessionAim, number> = { age: 1, rate: 4 };

/** The half of a session before its inference, for model inputs in ordinary memory. */
export interface BufferIntake {
  readonly framesInFlight: number;
  readonly inputs: BufferInputs;
  readonly preparer: FramePreparer<BufferInput>;
}

/**
 * Inputs for the frames in flight, as many as the aim needs where the options leave their number open, and who fills them.
 *
 * @param assertOpen As of a FramePreparer.
 */
export function makeBufferIntake(
  form: InputForm,
  size: InputSize,
  { aim, tasksInFlight, preprocess }: Pick<SessionOptions, 'aim' | 'tasksInFlight' | 'preprocess'>,
  assertOpen: (call: string) => void,
): BufferIntake {
  const framesInFlight = tasksInFlight || defaultTasksInFlight[aim];
  const inputs = new BufferInputs(form, size, framesInFlight);
  return { framesInFlight, inputs, preparer: new FramePreparer({ size, preprocess, inputs, assertOpen }) };
}
