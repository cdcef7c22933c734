import { cloudPointBytes, type DepthCloud } from '../core/depths.js';
import { labelOf } from '../core/labelMap.js';
import type { Instances } from '../core/result.js';
import type { DepthPicture } from './depthPicture.js';
import type { Pinhole } from './pinhole.js';

/** points: those of instances alone, in one row. organised: one for each pixel of the depth picture. */
export type CloudForm = 'points' | 'organised';

/** What the points are made of. */
export interface LabelledPixels {
  /** [heightPx, widthPx] number of the instance of each depth pixel, 0 for none. */
  readonly labels: Uint16Array;
  readonly instances: Pick<Instances, 'scores' | 'classIds'>;
  /** [count] 0xffRRGGBB of each instance. */
  readonly colours: Uint32Array;
}

/** Values of four bytes in a point. */
const pointValues = cloudPointBytes / 4;

/** The points of a depth picture that belong to instances, in their place; fresh memory. */
export function writeCloud(
  form: CloudForm,
  { labels, instances, colours }: LabelledPixels,
  { widthPx, heightPx, values, unitM }: DepthPicture,
  { fx, fy, cx, cy }: Pinhole,
): DepthCloud {
  const areaPx = widthPx * heightPx;
  let labelled = 0;
  for (let at = 0; at < areaPx; at++) if (labels[at]! > 0) labelled++;
  const isOrganised = form === 'organised';
  const bytes = new Uint8Array((isOrganised ? areaPx : labelled) * cloudPointBytes);
  const floats = new Float32Array(bytes.buffer);
  const words = new Uint32Array(bytes.buffer);
  let point = 0;
  for (let row = 0; row < heightPx; row++) {
    const slopeY = ((row - cy) / fy) * unitM;
    for (let column = 0; column < widthPx; column++) {
      const label = labels[row * widthPx + column]!;
      if (label === 0) {
        if (!isOrganised) continue;
        floats[point] = Number.NaN;
        floats[point + 1] = Number.NaN;
        floats[point + 2] = Number.NaN;
        point += pointValues;
        continue;
      }
      const index = label - labelOf(0);
      const z = values[row * widthPx + column]!;
      floats[point] = ((column - cx) / fx) * z * unitM;
      floats[point + 1] = slopeY * z;
      floats[point + 2] = z * unitM;
      words[point + 3] = colours[index]!;
      words[point + 4] = instances.classIds[index]!;
      words[point + 5] = label;
      floats[point + 6] = instances.scores[index]!;
      point += pointValues;
    }
  }
  return {
    widthPoints: isOrganised ? widthPx : labelled,
    heightPoints: isOrganised ? heightPx : 1,
    bytes,
    isDense: !isOrganised || labelled === areaPx,
  };
}
