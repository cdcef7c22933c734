import { compressedImageType, imageType } from '../camera/images/judge.js';
import type { ParameterValues } from '../config/schema.js';
import { ConfigError } from '../core/errors.js';
import { type HbmType, hbmTypeOf } from '../core/hbmMessages.js';
import { hbmemTypes } from './hbmem/types.js';

/** A message type that a camera may send. */
export type CameraType = HbmType | typeof imageType | typeof compressedImageType;

/** The parameters that choose among them. */
export type TransportChoice = Pick<ParameterValues, 'input.transport' | 'input.hbmem_type'>;

/** The values that name types, as a text for a message. */
export function describeChoice(choice: TransportChoice): string {
  const transport = `input.transport is ${choice['input.transport']}`;
  const type = choice['input.hbmem_type'];
  return type === 'auto' ? transport : `${transport}, input.hbmem_type ${type}`;
}

/**
 * The types to subscribe to, the first choice first: shared memory, then pixels, then what has to be decoded.
 *
 * Throws ConfigError `transport` where the parameters contradict each other.
 */
export function acceptedTypes(choice: TransportChoice): readonly CameraType[] {
  const { 'input.transport': transport, 'input.hbmem_type': hbmemType } = choice;
  if (hbmemType !== 'auto') {
    if (transport === 'auto' || transport === 'hbmem') return [hbmTypeOf(hbmemType)];
    throw new ConfigError(
      'transport',
      `${describeChoice(choice)}: an HbmMsg comes with hbmem only; set input.hbmem_type to auto or input.transport to hbmem`,
    );
  }
  if (transport === 'image') return [imageType];
  if (transport === 'compressed') return [compressedImageType];
  return transport === 'hbmem' ? hbmemTypes : [...hbmemTypes, imageType, compressedImageType];
}

/** True where the middleware can lend messages of this type: those of one fixed size. */
export function hasFixedSize(type: string): boolean {
  return type !== imageType && type !== compressedImageType;
}
