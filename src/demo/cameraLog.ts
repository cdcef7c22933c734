import { z } from 'zod';
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

/** Reads the JSON lines of `rdk-yolo-seg camera --log`. Throws ConfigError `camera_log` with the line's number. */
export function parseCameraLog(text: string): CameraLog {
  const pictures = new Map<bigint, string>();
  let loaned = 0;
  const lines = text.split('\n').filter((line) => line !== '');
  lines.forEach((line, index) => {
    let parsed: z.infer<typeof entry>;
    try {
      parsed = entry.parse(JSON.parse(line));
    } catch (error) {
      throw new ConfigError('camera_log', `line ${index + 1} of the camera's log is broken`, { line }, error);
    }
    pictures.set(BigInt(parsed.stamp_ns), parsed.picture);
    if (parsed.loaned) loaned++;
  });
  const stamps = [...pictures.keys()];
  const spanMs = stamps.length < 2 ? 0 : Number(stamps[stamps.length - 1]! - stamps[0]!) / 1e6;
  const rateHz = spanMs > 0 ? ((stamps.length - 1) * 1000) / spanMs : null;
  return { pictures, loaned, copied: lines.length - loaned, rateHz };
}
