import { expect, it } from 'vitest';
import { backendNames } from '#dist/backends/registry.js';
import { parameterSpecs } from '#dist/config/schema.js';

it('backend.name takes every backend there is, and auto', () => {
  const spec = parameterSpecs.find(({ name }) => name === 'backend.name');
  expect(spec).toMatchObject({ choices: ['auto', ...backendNames] });
});
