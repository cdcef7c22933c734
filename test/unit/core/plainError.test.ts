import { expect, it } from 'vitest';
import { ModelContractError } from '#dist/core/errors.js';
import { fromPlainError, toPlainError } from '#dist/core/plainError.js';

it('errors keep class, code, details, stack and cause across threads', () => {
  const thrown = new ModelContractError('heads', 'no', { found: [1, 2] }, new RangeError('inner'));
  const revived = fromPlainError(structuredClone(toPlainError(thrown)));
  expect(revived).toBeInstanceOf(ModelContractError);
  expect(revived).toMatchObject({ code: 'heads', message: 'no', details: { found: [1, 2] } });
  expect(revived.stack).toBe(thrown.stack);
  expect((revived.cause as Error).message).toBe('inner');
  expect(fromPlainError(toPlainError('text')).message).toBe('text');
});
