import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const packageFolder = dirname(createRequire(import.meta.url).resolve('rclnodejs/package.json'));
const binary = join(packageFolder, 'build', 'Release', 'rclnodejs.node');

describe('without the libraries of ROS 2', () => {
  it('the node says what to source and leaves the built addon of rclnodejs alone', () => {
    const before = statSync(binary).mtimeMs;
    const env = { ...process.env, LD_LIBRARY_PATH: '' };
    const { status, stderr } = spawnSync(process.execPath, ['dist/cli/main.js', 'node'], {
      encoding: 'utf8',
      env,
    });
    expect(status).toBe(1);
    expect(stderr).toMatch(/cannot load ROS 2 here; source ROS 2.*librcl\.so/);
    expect(statSync(binary).mtimeMs).toBe(before);
  });
});
