import { fileURLToPath } from 'node:url';

/** The demo pictures of this package, 1920x1080; packages for robots have them in a part of their own. */
export const bundledScenes = fileURLToPath(new URL('../../assets/scenes/', import.meta.url));

/** What helps where a source is not there, to stand behind why: other pictures, or the part that brings the bundled ones. */
export function missingSourceHint(source: string): string {
  if (source !== bundledScenes) return '';
  return '; the demo pictures come with the package rdk-yolo-seg-onnx: install it, or name pictures of your own';
}
