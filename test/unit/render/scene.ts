import type { FrameHeader } from '#dist/core/frame.js';
import type { Instances } from '#dist/core/result.js';

/** A filled rectangle in source pixels as an instance. */
export interface Block {
  readonly classId: number;
  readonly score: number;
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/** Instances whose masks fill their boxes. */
export function blocks(...list: Block[]): Instances {
  const spans: number[] = [];
  const spanStarts = [0];
  for (const { x1, y1, x2, y2 } of list) {
    for (let y = y1; y < y2; y++) spans.push(y, x1, x2);
    spanStarts.push(spans.length / 3);
  }
  return {
    count: list.length,
    boxesImage: Float32Array.from(list.flatMap(({ x1, y1, x2, y2 }) => [x1, y1, x2, y2])),
    scores: Float32Array.from(list, (block) => block.score),
    classIds: Uint16Array.from(list, (block) => block.classId),
    spans: Uint16Array.from(spans),
    spanStarts: Uint32Array.from(spanStarts),
    contours: null,
  };
}

export function frameHeader(widthPx: number, heightPx: number, sequence = 0): FrameHeader {
  return { stampNs: 5n, frameId: 'camera', sequence, widthPx, heightPx };
}

/** A uniform RGBA picture. */
export function greyPicture(widthPx: number, heightPx: number, grey: number): Uint8Array<ArrayBuffer> {
  const rgba = new Uint8Array(widthPx * heightPx * 4).fill(grey);
  for (let at = 3; at < rgba.length; at += 4) rgba[at] = 255;
  return rgba;
}

/** One instance with a ragged mask, and the same mask as [heightPx * widthPx] bytes of 0 and 1. */
export function raggedMask(widthPx: number, heightPx: number, seed: number) {
  let state = seed;
  const random = () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
  const mask = new Uint8Array(widthPx * heightPx);
  const spans: number[] = [];
  for (let y = 2; y < heightPx; y++) {
    // Now and then a row without any, else long ranges with short gaps.
    let x = random() < 0.1 ? widthPx : Math.floor(random() * 6);
    while (x < widthPx) {
      const end = Math.min(widthPx, x + 1 + Math.floor(random() * 14));
      mask.fill(1, y * widthPx + x, y * widthPx + end);
      spans.push(y, x, end);
      x = end + 1 + Math.floor(random() * 3);
    }
  }
  const instances: Instances = {
    count: 1,
    boxesImage: Float32Array.of(0, 0, widthPx, heightPx),
    scores: Float32Array.of(0.5),
    classIds: Uint16Array.of(0),
    spans: Uint16Array.from(spans),
    spanStarts: Uint32Array.of(0, spans.length / 3),
    contours: null,
  };
  return { instances, mask };
}
