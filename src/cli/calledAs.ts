import { accessSync, constants, realpathSync } from 'node:fs';
import { delimiter, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { shellQuote } from '../toolchain/text/shell.js';

const ownName = 'rdk-yolo-seg';
const ownPath = fileURLToPath(new URL('../../bin/rdk-yolo-seg', import.meta.url));

/** True where npx finds this program; elsewhere npm asks its registry for the name, which may be anybody's. */
function isInCheckout(folder: string): boolean {
  return !relative(fileURLToPath(new URL('../..', import.meta.url)), folder).startsWith('..');
}

/** True if the name alone starts this program in the user's shell. */
function isOnPath(path: string): boolean {
  return path.split(delimiter).some((folder) => {
    try {
      const found = join(folder, ownName);
      accessSync(found, constants.X_OK);
      return realpathSync(found) === realpathSync(ownPath);
    } catch {
      return false;
    }
  });
}

/** The program as the user can call it again, for commands that are printed: what they typed, or what is on the path. */
export function calledAs(env: NodeJS.ProcessEnv = process.env): string {
  // npm puts its own folders on the path of what it starts; they are not on the shell's.
  if (env.npm_command !== undefined && isInCheckout(env.INIT_CWD ?? process.cwd())) return `npx ${ownName}`;
  if (isOnPath(env.PATH ?? '')) return ownName;
  return shellQuote(env.RDK_YOLO_SEG_CALLED ?? ownPath);
}
