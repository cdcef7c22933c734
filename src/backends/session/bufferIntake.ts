import type { SessionOptions } from '../../core/ports.js';
import { type BufferInput, BufferInputs } from './bufferInputs.js';
import { FramePreparer } from './framePreparer.js';
import type { InputForm, InputSize } from './inputForm.js';

/**
 * Backends that take ordinary memory answer one frame after the other, and preparing one takes a millisecond: a second
 * one in flight would gain no rate and age by a whole inference.
 */
const defaultTasksInFlight = 1;

/** The half of a session before its inference, for model inputs in ordinary memory. */
export interface BufferIntake {
  readonly framesInFlight: number;
  readonly inputs: BufferInputs;
  readonly preparer: FramePreparer<BufferInput>;
}

/**
 * Inputs for the frames in flight, one where the options leave their number open, and who fills them.
 *
 * @param assertOpen As of a FramePreparer.
 */
export function makeBufferIntake(
  form: InputForm,
  size: InputSize,
  { tasksInFlight, preprocess }: Pick<SessionOptions, 'tasksInFlight' | 'preprocess'>,
  assertOpen: (call: string) => void,
): BufferIntake {
  const framesInFlight = tasksInFlight || defaultTasksInFlight;
  const inputs = new BufferInputs(form, size, framesInFlight);
  return { framesInFlight, inputs, preparer: new FramePreparer({ size, preprocess, inputs, assertOpen }) };
}
