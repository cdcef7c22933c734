import { expect, it } from 'vitest';
import { patternName, refuseUnknownTargets } from '../../../scripts/fuzz/targets.mjs';

const listed = ['pictures > JPEG', 'texts of the vendor > mapper log'];
const targets = ['native/png', 'native/jpeg', ...listed.map(patternName)];

it.each([[[]], [['JPEG']], [['pictures JPEG']], [['mapper log', 'native/png']]])(
  '%j are targets',
  (names) => {
    expect(() => refuseUnknownTargets(names, targets)).not.toThrow();
  },
);

it.each([
  [['jpeg'], 'no target jpeg; there are: pictures JPEG, texts of the vendor mapper log'],
  [['JPEG', 'mapper logs'], 'no target mapper logs;'],
  [['native/gif'], 'no target native/gif; there are: native/png, native/jpeg'],
])('%j are refused: nothing of them would be tried', (names, message) => {
  expect(() => refuseUnknownTargets(names, targets)).toThrow(message);
});
