import { execFileSync, spawn } from 'node:child_process';
import { realpathSync, writeFileSync } from 'node:fs';
import { SetupError } from './setup/exec.mjs';
import { which } from './setup/toolchain.mjs';

/** QEMU 7.2 of Debian 12 ends by a segmentation fault where ONNX Runtime is loaded; 10.0 runs it. */
const leastVersionForOnnx = 10;

/** What the kernel knows an arm64 program by, in the form of binfmt_misc; QEMU is opened at once, for roots that lack it. */
const rule = (/** @type {string} */ program) =>
  String.raw`:qemu-aarch64:M::\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00:\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:${program}:F`;

/**
 * The user-mode emulator of this machine: RDK_YOLO_SEG_EMULATOR, or what is on the path.
 *
 * @returns {{ program: string, version: string, runsOnnx: boolean } | undefined}
 */
export function findEmulator() {
  const named = process.env.RDK_YOLO_SEG_EMULATOR;
  const program = named || which('qemu-aarch64-static') || which('qemu-aarch64');
  if (!program) return undefined;
  const text = execFileSync(program, ['--version'], { encoding: 'utf8' });
  const version = /version (\d+[0-9.]*)/.exec(text)?.[1];
  if (version === undefined) {
    throw new SetupError(`${program} --version says no version of QEMU: ${text.split('\n')[0]}`);
  }
  return {
    program: realpathSync(program),
    version,
    runsOnnx: Number.parseInt(version, 10) >= leastVersionForOnnx,
  };
}

/** Where {@link findEmulator} finds none, or one too old for ONNX Runtime. */
export const emulatorRemedy =
  'sudo apt-get install qemu-user-static; ONNX Runtime and programs that Node starts need QEMU 10: Debian 13, or -t bookworm-backports; RDK_YOLO_SEG_EMULATOR names another';

const inside = `echo ready >&3; read -r go <&3; exec 3<&-
if mount -t binfmt_misc none /proc/sys/fs/binfmt_misc 2>/dev/null; then
  printf %s "$RDK_YOLO_SEG_RULE" > /proc/sys/fs/binfmt_misc/register || exit 1
elif [ ! -e /proc/sys/fs/binfmt_misc/qemu-aarch64 ]; then
  echo 'the kernel starts no arm64 programs here: needs Linux 6.7, or QEMU registered for the whole machine' >&2
  exit 1
fi
exec "$@"`;

/**
 * Runs a command to its end where arm64 programs start by QEMU like any others, they and what they start. The kernel is told so
 * in namespaces of the command's own (for which it is root, with every user where the caller is root): nothing else sees it.
 *
 * @param {{ program: string }} emulator
 * @param {readonly string[]} command
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<number>} its exit code
 */
export function runEmulated({ program }, command, { cwd, env = process.env } = {}) {
  const uid = process.getuid?.() ?? 0;
  return new Promise((resolve, reject) => {
    const child = spawn('unshare', ['--user', '--mount', 'sh', '-c', inside, 'sh', ...command], {
      cwd,
      env: { ...env, RDK_YOLO_SEG_RULE: rule(program) },
      stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
    });
    const pipe = /** @type {import('node:net').Socket} */ (child.stdio[3]);
    pipe.once('data', () => {
      const of = (/** @type {string} */ name) => `/proc/${child.pid}/${name}`;
      const [users, groups] =
        uid === 0 ? ['0 0 4294967294', '0 0 4294967294'] : [`0 ${uid} 1`, `0 ${process.getgid?.()} 1`];
      writeFileSync(of('uid_map'), users);
      if (uid !== 0) writeFileSync(of('setgroups'), 'deny');
      writeFileSync(of('gid_map'), groups);
      pipe.end('go\n');
    });
    child.on('error', reject);
    child.on('close', (code, signal) =>
      signal ? reject(new SetupError(`${command[0]} ended by ${signal}`)) : resolve(code ?? 1),
    );
  });
}
