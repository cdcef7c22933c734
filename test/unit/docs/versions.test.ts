import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const read = (path: string) => readFileSync(path, 'utf8');
const { version, engines } = JSON.parse(read('package.json')) as {
  version: string;
  engines: { node: string };
};

it.each(['ros/rdk_yolo_seg/package.xml', 'ros/rdk_yolo_seg_msgs/package.xml'])(
  '%s has the version of the package',
  (path) => {
    expect(/<version>(.*)<\/version>/.exec(read(path))?.[1]).toBe(version);
  },
);

it('package-lock.json has the version of the package', () => {
  const lock = JSON.parse(read('package-lock.json')) as {
    version: string;
    packages: Record<string, { version: string }>;
  };
  expect([lock.version, lock.packages['']?.version]).toEqual([version, version]);
});

it.each([
  ['bin/rdk-yolo-seg', /version ([\d.]+) or newer is needed/],
  ['README.md', /with Node >= ([\d.]+),/],
  ['scripts/setup/toolchain.mjs', /^const MIN_NODE = \[([\d, ]+)\];$/m],
])('%s asks for the Node version of the package', (path, pattern) => {
  expect(`>=${pattern.exec(read(path))?.[1]?.replaceAll(', ', '.')}`).toBe(engines.node);
});
