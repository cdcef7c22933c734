/** With this variable set, a peer does not set the shared-memory variables. */
export const HIDE_PROFILE = 'TEST_WITHOUT_PROFILE';

/**
 * Fills a frame so that every byte tells the frame and the two ends of it differ.
 * @param {Uint8Array} pixels
 * @param {number} index
 */
export function fillPattern(pixels, index) {
  const half = pixels.length >> 1;
  pixels.fill((index * 7 + 1) & 255, 0, half);
  pixels.fill((index * 13 + 5) & 255, half);
}
