import { basename, extname } from 'node:path';

/** The name of a file without its folder and ending, which stands for a model that does not say its name. */
export function fileTitle(path: string): string {
  return basename(path, extname(path));
}
