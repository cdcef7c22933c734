import { expect, it } from 'vitest';
import { describeError, ModelContractError } from '#dist/core/errors.js';
import { deserialiseError, serialiseError } from '#dist/core/serialisedError.js';

it('errors keep class, code, details, stack and cause across threads', () => {
  const thrown = new ModelContractError('heads', 'no', { found: [1, 2] }, new RangeError('inner'));
  const revived = deserialiseError(structuredClone(serialiseError(thrown)));
  expect(revived).toBeInstanceOf(ModelContractError);
  expect(revived).toMatchObject({ code: 'heads', message: 'no', details: { found: [1, 2] } });
  expect(revived.stack).toBe(thrown.stack);
  expect((revived.cause as Error).message).toBe('inner');
  expect(deserialiseError(serialiseError('text')).message).toBe('text');
});

it('a line for a log tells no cause twice', () => {
  const lineOf = (message: string, cause: unknown) =>
    describeError(new ModelContractError('heads', message, {}, cause));
  const inner = new Error('no such\n  output', { cause: new Error('it is gone') });
  expect(lineOf('the model fails', inner)).toBe(
    'heads: the model fails (caused by no such output (caused by it is gone))',
  );
  expect(lineOf('the model fails: no such output', inner)).toBe(
    'heads: the model fails: no such output (caused by it is gone)',
  );
  expect(lineOf('the model fails', 'text')).toBe('heads: the model fails (caused by text)');
});
