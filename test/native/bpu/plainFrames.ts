import type { BpuSession } from '#dist/backends/bpu/session.js';
import { SegError } from '#dist/core/errors.js';
import type { FrameHeader, FrameLease } from '#dist/core/frame.js';
import type { PreviewRequest } from '#dist/core/ports.js';
import type { FrameResult } from '#dist/core/result.js';
import { closeFrame, wrapNv12 } from '#dist/native/core.js';
import { defaultOptions } from '../../support/defaultOptions.js';
import { shownByLogit } from '../../support/fakednn.js';

const [widthPx, heightPx] = [128, 128];

/** A frame without colour whose every Y is `luma`. */
export function plainFrame(luma: number, sequence = 0): FrameLease {
  const bytes = new Uint8Array(widthPx * heightPx * 1.5).fill(128);
  bytes.fill(luma, 0, widthPx * heightPx);
  const native = wrapNv12(bytes, {
    widthPx,
    heightPx,
    yStrideBytes: widthPx,
    uvStrideBytes: widthPx,
    uvOffsetBytes: widthPx * heightPx,
  });
  const header: FrameHeader = { stampNs: 0n, frameId: 'camera', sequence, widthPx, heightPx };
  return {
    header,
    format: 'nv12',
    region: null,
    takenMs: performance.now(),
    loaned: false,
    native,
    close: () => void closeFrame(native),
  };
}

/** The luma of the frame a result was made from. */
export function lumaOf({ instances }: FrameResult): number {
  const score = instances.scores[0]!;
  return shownByLogit(Math.log(score / (1 - score)));
}

export async function detect(
  session: BpuSession,
  luma: number,
  sequence = 0,
  preview: PreviewRequest | null = null,
): Promise<FrameResult> {
  const frame = plainFrame(luma, sequence);
  try {
    return await session.run(await session.prepare(frame, preview), defaultOptions);
  } finally {
    frame.close();
  }
}

/** The error a frame is lost with; null if it is not. */
export async function failure(session: BpuSession, luma = 50): Promise<SegError | null> {
  try {
    await detect(session, luma);
    return null;
  } catch (error) {
    if (error instanceof SegError) return error;
    throw error;
  }
}
