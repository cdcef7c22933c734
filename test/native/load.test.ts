import { expect, test } from 'vitest';
import { SegError } from '#dist/core/errors.js';
import { loadAddon } from '#dist/native/load.js';

const platform = `${process.platform}-${process.arch}`;

function failure(name: string, functionNames: readonly string[]): SegError {
  try {
    loadAddon(name, functionNames);
  } catch (error) {
    expect(error).toBeInstanceOf(SegError);
    return error as SegError;
  }
  throw new Error(`loading ${name} did not fail`);
}

test('an addon that is not there is reported with what is, what is required and the remedy', () => {
  const error = failure('nosuch', []);
  expect(error.code).toBe('addon');
  expect(error.message).toContain(`core-${platform}`);
  expect(error.message).toContain(`native/bin/nosuch-${platform}`);
  expect(error.message).toContain('remedy: npm run setup');
  expect(error.cause).toBeInstanceOf(Error);
});

test('a binary older than its typed surface is refused by name', () => {
  expect(failure('core', ['wrapNv12', 'notYet']).message).toContain('an old binary without notYet;');
});

test('the addon loads with the functions asked for', () => {
  expect(loadAddon('core', ['wrapNv12']).letterboxRgbPlanar).toBeTypeOf('function');
});
