import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFolders } from '../../files/folders.js';

/** Where rcl writes its log files, by its own rules, and the variable that says so; null where it finds no place. */
function chosenByRcl(env: NodeJS.ProcessEnv): { readonly folder: string; readonly source: string } | null {
  const { ROS_LOG_DIR, ROS_HOME, HOME } = env;
  const expand = (path: string) => path.replace(/^~(?=\/|$)/, HOME ?? '~');
  if (ROS_LOG_DIR) return { folder: expand(ROS_LOG_DIR), source: 'ROS_LOG_DIR' };
  if (ROS_HOME) return { folder: join(expand(ROS_HOME), 'log'), source: 'ROS_HOME' };
  return HOME ? { folder: join(HOME, '.ros', 'log'), source: 'HOME' } : null;
}

/** Why files cannot be written to the folder, which is made where it is missing; null where they can. */
function whyUnwritable(folder: string): string | null {
  try {
    makeFolders(folder);
    accessSync(folder, constants.W_OK | constants.X_OK);
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

/** A folder of this user alone among the temporary files, the same one at each start. */
function temporaryFolder(): string {
  const userId = process.getuid!();
  const folder = join(tmpdir(), `ros-log-${userId}`);
  try {
    if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 });
    // Everybody may write there: somebody else's folder or link of that name is not ours.
    if (statSync(folder).uid === userId && whyUnwritable(folder) === null) return folder;
  } catch {
    // A file or a broken link of that name.
  }
  return mkdtempSync(`${folder}-`);
}

/**
 * Has rcl, which refuses to start without log files, write them to the temporary folder where it cannot write to the
 * usual place: services and containers often have no HOME, or a read-only one.
 *
 * Sets ROS_LOG_DIR; to be called before rcl starts.
 *
 * @returns A line for the log, or null where nothing had to be done.
 */
export function ensureLogDirectory(env: NodeJS.ProcessEnv = process.env): string | null {
  const chosen = chosenByRcl(env);
  const why =
    chosen === null
      ? 'neither HOME nor ROS_LOG_DIR is set'
      : describeUnwritable(chosen, whyUnwritable(chosen.folder));
  if (why === null) return null;
  const folder = temporaryFolder();
  env.ROS_LOG_DIR = folder;
  return `log files go to ${folder}: ${why}; set ROS_LOG_DIR to have them elsewhere`;
}

function describeUnwritable(
  { folder, source }: { readonly folder: string; readonly source: string },
  why: string | null,
): string | null {
  return why === null ? null : `${folder} (from ${source}) cannot be written (${why})`;
}
