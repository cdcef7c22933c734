import { readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { byName } from '../../core/words.js';

/** A path of an environment variable, or where it lies without one; relative ones are passed over. */
function folderOf(variable: string | undefined, usual: string): string {
  return variable?.startsWith('/') === true ? variable : usual;
}

/** Newest first. */
async function pythonsIn(folder: string, begin: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  const versions = names.filter((name) => name.startsWith(begin));
  return versions.sort((one, other) => byName(other, one)).map((name) => join(folder, name, 'bin', 'python'));
}

/** Pythons of a version that pyenv and uv keep, also where they have chosen another one for the path. */
export async function keptPythons(version: string, env: NodeJS.ProcessEnv): Promise<string[]> {
  const data = folderOf(env.XDG_DATA_HOME, join(homedir(), '.local', 'share'));
  const pyenv = join(folderOf(env.PYENV_ROOT, join(homedir(), '.pyenv')), 'versions');
  const uv = folderOf(env.UV_PYTHON_INSTALL_DIR, join(data, 'uv', 'python'));
  return [...(await pythonsIn(pyenv, `${version}.`)), ...(await pythonsIn(uv, `cpython-${version}.`))];
}
