import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { calledAs } from '#dist/cli/calledAs.js';

const checkout = resolve();

it.each([checkout, join(checkout, 'docs')])('what npx started in %s is called by npx again', (folder) => {
  expect(calledAs({ npm_command: 'exec', INIT_CWD: folder })).toBe('npx rdk-yolo-seg');
});

it.each([tmpdir(), resolve(checkout, '..'), '/'])(
  'what npx started in %s is not: npm would ask its registry',
  (folder) => {
    expect(calledAs({ npm_command: 'exec', INIT_CWD: folder })).toBe(join(checkout, 'bin', 'rdk-yolo-seg'));
  },
);
