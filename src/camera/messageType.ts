import { ConfigError } from '../core/errors.js';
import { type HbmMessageName, hbmMessages } from '../core/hbmMessages.js';
import { nv12Bytes } from './frames.js';

/**
 * The message that carries NV12 frames of this size. `auto` takes the smallest whose nominal size holds them,
 * or else the largest, which has room for more than its name says.
 *
 * Throws ConfigError `size` for odd sizes and for frames that do not fit, with the bytes.
 */
export function chooseMessage(
  widthPx: number,
  heightPx: number,
  wanted: HbmMessageName | 'auto',
): HbmMessageName {
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
  const largest = hbmMessages[hbmMessages.length - 1]!;
  const message =
    wanted === 'auto'
      ? (hbmMessages.find((size) => widthPx <= size.widthPx && heightPx <= size.heightPx) ?? largest)
      : hbmMessages.find((size) => size.name === wanted)!;
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
