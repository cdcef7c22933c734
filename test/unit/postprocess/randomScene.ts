import { makeRandom } from '../../support/random.js';
import { type BuiltModel, buildModel, type ModelForm, putObject, setReal } from './build.js';

/**
 * A model of 128 x 128 pixels with about thirty objects of all sizes anywhere in it, and noise as prototype. The
 * values depend on `seed` alone, not on how the tensors lie in memory.
 */
export function randomScene(seed: number, form: ModelForm = {}): BuiltModel {
  const random = makeRandom(seed);
  // A head of four channels would read both ways on the coarsest level; nine are one block of the product and one more.
  const model = buildModel({ coefCount: 9, ...form });
  const waves = Array.from({ length: 9 }, () => [random() * 0.5, random() * 0.5, random() * 6]);
  for (let y = 0; y < 32; y++) {
    for (let x = 0; x < 32; x++) {
      waves.forEach(([a, b, c], channel) => {
        setReal(model.proto, y, x, channel, Math.sin(a * x + b * y + c) + 0.6 * (random() - 0.5));
      });
    }
  }
  for (let object = 0; object < 30; object++) {
    const level = Math.floor(random() * 3);
    const cells = 16 >> level;
    putObject(model, level, Math.floor(random() * cells), Math.floor(random() * cells), {
      classId: Math.floor(random() * 3),
      logit: random() * 4 - 0.5,
      cells: [0, 1, 2, 3].map(() => Math.floor(random() * 15)),
      coefs: waves.map(() => 2 * (random() - 0.5)),
    });
  }
  return model;
}

/** `items` in an order of their own. */
export function shuffle<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
