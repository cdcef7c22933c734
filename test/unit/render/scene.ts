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
