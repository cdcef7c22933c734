import { existsSync } from 'node:fs';

/** Why a text is no class name but a file, which would be taken for the name of one class, with what takes it; null for a name. */
export function whyNoClassName(text: string): string | null {
  if (!/[./]/.test(text) || !existsSync(text)) return null;
  return 'it is a file; expected names, or coco. A list with one name a line is read beside the model, as NAME.names.';
}
