import { ConfigError } from '../core/errors.js';
import { nv12Bytes } from './frames.js';

/** The fixed-size messages of hbm_img_msgs, smallest first. */
export const messageSizes = [
  { name: 'HbmMsg480P', widthPx: 640, heightPx: 480, capacityBytes: 921_600 },
  { name: 'HbmMsg540P', widthPx: 960, heightPx: 540, capacityBytes: 1_555_200 },
  { name: 'HbmMsg1080P', widthPx: 1920, heightPx: 1080, capacityBytes: 6_220_800 },
] as const;

/** A message type that carries frames, without its package: `HbmMsg480P`. */
export type MessageName = (typeof messageSizes)[number]['name'];

/**
 * The message that carries NV12 frames of this size. `auto` takes the smallest whose nominal size holds them,
 * or else the largest, which has room for more than its name says.
 *
 * Throws ConfigError `size` for odd sizes and for frames that do not fit, with the bytes.
 */
export function chooseMessage(widthPx: number, heightPx: number, wanted: MessageName | 'auto'): MessageName {
  for (const [name, valuePx] of [
    ['width', widthPx],
    ['height', heightPx],
  ] as const) {
    if (!Number.isInteger(valuePx) || valuePx < 2 || valuePx % 2 !== 0) {
      throw new ConfigError('size', `${name} is ${valuePx}; NV12 needs an even number of at least 2 pixels`, {
        [name]: valuePx,
      });
    }
  }
  const largest = messageSizes[messageSizes.length - 1]!;
  const message =
    wanted === 'auto'
      ? (messageSizes.find((size) => widthPx <= size.widthPx && heightPx <= size.heightPx) ?? largest)
      : messageSizes.find((size) => size.name === wanted)!;
  const neededBytes = nv12Bytes(widthPx, heightPx);
  if (neededBytes > message.capacityBytes) {
    throw new ConfigError(
      'size',
      `${widthPx}x${heightPx} NV12 takes ${neededBytes} bytes; ${message.name} holds ${message.capacityBytes}`,
      { neededBytes, capacityBytes: message.capacityBytes },
    );
  }
  return message.name;
}
