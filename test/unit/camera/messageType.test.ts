import { describe, expect, it } from 'vitest';
import { chooseMessage } from '#dist/camera/messageType.js';
import { ConfigError } from '#dist/core/errors.js';

function refusal(run: () => unknown): ConfigError {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('the message for a frame size', () => {
  it.each([
    [640, 480, 'HbmMsg480P'],
    [480, 270, 'HbmMsg480P'],
    [642, 480, 'HbmMsg540P'],
    [960, 544, 'HbmMsg1080P'],
    [1280, 720, 'HbmMsg1080P'],
    [1920, 1080, 'HbmMsg1080P'],
    [2304, 1296, 'HbmMsg1080P'],
  ] as const)('carries %ix%i in %s', (widthPx, heightPx, name) => {
    expect(chooseMessage(widthPx, heightPx, 'auto')).toBe(name);
  });

  it('is the wanted one where the frame fits', () => {
    expect(chooseMessage(320, 240, 'HbmMsg1080P')).toBe('HbmMsg1080P');
  });

  it('refuses what does not fit, with the bytes', () => {
    // 1280 * 720 * 1.5 = 1382400
    expect(refusal(() => chooseMessage(1280, 720, 'HbmMsg480P')).message).toBe(
      '1280x720 NV12 takes 1382400 bytes; HbmMsg480P holds 921600',
    );
    expect(refusal(() => chooseMessage(2560, 1920, 'auto')).details).toMatchObject({ neededBytes: 7372800 });
  });

  it('refuses odd sizes, which have no NV12 form', () => {
    expect(refusal(() => chooseMessage(641, 480, 'auto')).message).toContain('width is 641');
    expect(refusal(() => chooseMessage(640, 0, 'auto')).message).toContain('height is 0');
  });
});
