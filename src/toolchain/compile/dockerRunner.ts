import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ConfigError } from '../../core/errors.js';
import { runGroup } from '../process/processGroup.js';
import type { ToolRunner } from './toolRunner.js';

/** The content id of an image. Throws ConfigError `docker` if it is not here: nothing is loaded. */
async function imageId(image: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('docker', [
      'image',
      'inspect',
      '--format',
      '{{.Id}}',
      image,
    ]);
    return stdout.trim();
  } catch (error) {
    const { code, stderr = '' } = error as { code?: unknown; stderr?: string };
    const why =
      code === 'ENOENT' ? 'docker is not installed here' : stderr.trim().split('\n')[0] || String(code);
    throw new ConfigError('docker', `the docker image ${image} cannot be used: ${why}`, { image });
  }
}

/**
 * The tools of a docker image that is on this machine. The workspace, which holds all they read, is seen inside under its own
 * path, and what they write belongs to the user.
 */
export async function dockerRunner(image: string, workspace: string): Promise<ToolRunner> {
  const identity = `docker ${await imageId(image)}`;
  const user = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`;
  let calls = 0;
  return {
    identity,
    run: async ({ tool, args, ...call }) => {
      const name = `rdk-yolo-seg-${process.pid}-${++calls}`;
      const mount = ['--mount', `type=bind,source=${workspace},target=${workspace}`];
      const place = ['--workdir', call.cwd, '--user', user, '--env', 'HOME=/tmp'];
      const talk = call.onStart === undefined ? [] : ['--interactive'];
      const program = tool === 'python' ? 'python3' : tool;
      const end = await runGroup({
        command: 'docker',
        args: ['run', '--rm', '--init', ...talk, '--name', name, ...mount, ...place, image, program, ...args],
        env: process.env,
        ...call,
      });
      // A container outlives a client that was ended hard.
      if (call.signal.aborted) await promisify(execFile)('docker', ['kill', name]).catch(() => undefined);
      return end;
    },
  };
}
