import { expect, it } from 'vitest';
import { whyUnobtainable } from '../../../scripts/genuine/unobtainable.mjs';

const failed = 'rdk-yolo-seg: install: /t/bin/python -m pip install failed:';

it.each([
  ['no Python', 'rdk-yolo-seg: python: no Python 3.10 for the toolchain: python3 is 3.12\nHow to get it:'],
  ['another processor', 'rdk-yolo-seg: platform: the toolchain runs on Linux on x86-64 only; found arm64'],
  ['a full disk', 'rdk-yolo-seg: disk_space: /data has 1.0 GB free; the toolchain needs 4.5 GB'],
  ['a missing package', `package 1 of 60\n${failed} Could not find a version that satisfies dgdk==1.0.0`],
  [
    'no network',
    `${failed} Could not install packages due to an OSError: HTTPSConnectionPool(host='index'): Max retries`,
  ],
])('%s is a matter of the machine, and told', (_, stderr) => {
  expect(whyUnobtainable(stderr)).toBe(stderr.replace(/[\s\S]*rdk-yolo-seg: \w+: /, ''));
});

it.each([
  ['a package that is not the pinned one', `${failed} THESE PACKAGES DO NOT MATCH THE HASHES`],
  ['tools that do not start', 'rdk-yolo-seg: install: hb_mapper --version failed: No module named torch'],
  ['a licence that was not accepted', 'rdk-yolo-seg: licence: nobody can be asked here'],
  ['a crash', 'TypeError: Cannot read properties of undefined'],
  ['nothing', ''],
])('%s is a failure', (_, stderr) => {
  expect(whyUnobtainable(stderr)).toBeNull();
});
