import { execFile } from 'node:child_process';
import { arch, platform } from 'node:os';
import { promisify } from 'node:util';
import { ConfigError } from '../../core/errors.js';
import { keptPythons } from './keptPythons.js';

/** The only Python the vendor's packages are built for. */
export const pythonVersion = '3.10';

/** What a Python says of itself. */
interface PythonProbe {
  readonly version: string;
  readonly executable: string;
}

/** An environment in which a Python finds its own packages only. */
export function isolatedPythonEnv(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { PYTHONPATH, PYTHONHOME, ...rest } = env;
  return { ...rest, PYTHONNOUSERSITE: '1' };
}

/** Rejects where it does not start or lacks one of the modules. */
export async function probePython(command: string, modules: readonly string[]): Promise<PythonProbe> {
  const code = `import ${['sys', ...modules].join(', ')}; print("%d.%d" % sys.version_info[:2], sys.executable)`;
  const { stdout } = await promisify(execFile)(command, ['-I', '-c', code]);
  const [version = '', ...path] = stdout.trim().split(' ');
  return { version, executable: path.join(' ') };
}

const remedies = [
  `How to get Python ${pythonVersion} beside the system's own, which stays as it is:`,
  '  Ubuntu 22.04:  sudo apt install python3.10 python3.10-venv',
  '  any system:    uv python install 3.10, or pyenv install 3.10: either is found then',
];

/**
 * A Python 3.10 with venv: the one that is given, else `python3.10` or `python3` on the path, or one that pyenv or uv keeps.
 *
 * Throws ConfigError `python` with what was found and how to get one, `platform` where the packages do not exist.
 */
export async function findPython(given: string | null): Promise<string> {
  if (platform() !== 'linux' || arch() !== 'x64') {
    const found = `${platform()} on ${arch()}`;
    throw new ConfigError('platform', `the toolchain runs on Linux on x86-64 only; found ${found}`, {
      found,
    });
  }
  const candidates =
    given === null
      ? [`python${pythonVersion}`, 'python3', ...(await keptPythons(pythonVersion, process.env))]
      : [given];
  const found: string[] = [];
  for (const command of candidates) {
    try {
      const { version, executable } = await probePython(command, ['venv', 'ensurepip']);
      if (version === pythonVersion) return executable;
      found.push(`${command} is ${version}`);
    } catch (error) {
      found.push(`${command} ${whyUnusable(error)}`);
    }
  }
  throw new ConfigError(
    'python',
    [`no Python ${pythonVersion} for the toolchain: ${found.join('; ')}`, ...remedies],
    { found },
  );
}

function whyUnusable(error: unknown): string {
  const { code, stderr = '' } = error as { code?: unknown; stderr?: string };
  if (code === 'ENOENT') return 'is not there';
  const missing = /No module named '(\w+)'/.exec(stderr)?.[1];
  if (missing !== undefined) return `lacks ${missing}`;
  const lines = stderr.trim().split('\n');
  // pyenv's stand-ins for versions that are not chosen say so first, Python its error last.
  const told = lines.find((line) => /not found/.test(line)) ?? lines.at(-1);
  return `does not run (${told || String(code)})`;
}
