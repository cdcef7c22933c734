import { execFileSync, spawnSync } from 'node:child_process';
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

describe('an answer that the middleware does not take', () => {
  it('is named and told once, and no second one is tried', () => {
    // The service is gone when it answers.
    const code = `
      const { createNode, initRcl } = await import('#dist/ros2/rcl/rcl.js');
      await initRcl([]);
      const ros = createNode('answering');
      ros.log = (level, text) => console.log(level, text);
      const { node } = ros;
      ros.createService('lifecycle_msgs/srv/GetState', '~/ask', () => {
        node.destroyService(node._services.find(({ serviceName }) => serviceName.endsWith('/ask')));
        setImmediate(() => process.exit());
        return {};
      });
      ros.spin();
      const client = node.createClient('lifecycle_msgs/srv/GetState', '/answering/ask');
      await client.waitForService(20_000);
      client.sendRequest({}, () => console.log('answered'));`;
    const args = ['--input-type=module', '--eval', code];
    const told = execFileSync(process.execPath, args, { encoding: 'utf8', timeout: 40_000 });
    expect(told.trim().split('\n')).toEqual([
      expect.stringMatching(
        /^error ~\/ask: answer: an answer was not taken by the middleware \(caused by .*\)$/,
      ),
    ]);
  });
});
