import { expect, it } from 'vitest';
import { nativeErrorClasses } from '#dist/native/errors.js';
import { loadAddon } from '#dist/native/load.js';

// Both addons are compiled from one list, so that of one is that of all.
it('every code that an addon can throw has its class, and no other code is in the table', () => {
  const { errorCodes } = loadAddon('core', []) as { errorCodes?: readonly string[] };
  expect(Object.keys(nativeErrorClasses).sort()).toEqual([...(errorCodes ?? [])].sort());
});
