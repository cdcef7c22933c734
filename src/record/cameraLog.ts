import { z } from 'zod';
import { checkedDocument, parseJson } from '../core/documentFault.js';
import { ConfigError } from '../core/errors.js';

/** What the camera says it sent. */
export interface CameraLog {
  /** Picture by the stamp of the message it was sent in. */
  readonly pictures: ReadonlyMap<bigint, string>;
  readonly loaned: number;
  readonly copied: number;
  /** Over the stamps from the first to the last; null with fewer than two frames. */
  readonly rateHz: number | null;
}

const entry = z.object({ stamp_ns: z.string().regex(/^-?\d+$/), picture: z.string(), loaned: z.boolean() });

type Entry = z.infer<typeof entry>;

function readEntry(line: string, number: number, path: string): Entry {
  const refuse = (why: string) =>
    new ConfigError('camera_log', `line ${number} of ${path} is broken: ${why}`, { line });
  return checkedDocument(() => parseJson(line), entry, refuse);
}

/** Reads the JSON lines of `rdk-yolo-seg camera --log`. Throws ConfigError `camera_log` with the line's number. */
export function parseCameraLog(text: string, path = "the camera's log"): CameraLog {
  const entries = text
    .split(/\r?\n/)
    .flatMap((line, index) => (line === '' ? [] : [readEntry(line, index + 1, path)]));
  const pictures = new Map(entries.map((one) => [BigInt(one.stamp_ns), one.picture]));
  const loaned = entries.filter((one) => one.loaned).length;
  const stamps = [...pictures.keys()];
  const spanMs = stamps.length < 2 ? 0 : Number(stamps[stamps.length - 1]! - stamps[0]!) / 1e6;
  const rateHz = spanMs > 0 ? ((stamps.length - 1) * 1000) / spanMs : null;
  return { pictures, loaned, copied: entries.length - loaned, rateHz };
}
