import type { YuvRange } from '../core/ports.js';
import type { HbmMessageName } from '../core/hbmMessages.js';
import type { PictureFit } from './pictureFolder.js';
import type { PlayOrder } from './frames.js';

/** What `rdk-yolo-seg camera` can be told. */
export interface CameraOptions {
  /** Folder of pictures or NV12 file. */
  readonly source: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly fit: PictureFit;
  readonly yuvRange: YuvRange;
  readonly order: PlayOrder;
  /** Frames per second; 0: as fast as possible. */
  readonly rateHz: number;
  readonly type: HbmMessageName | 'auto';
  /** Stop after this many frames; null: on a signal. */
  readonly frames: number | null;
  readonly waitForSubscriber: boolean;
  /** JSON lines file with one entry for each published frame, or null. */
  readonly logPath: string | null;
}
