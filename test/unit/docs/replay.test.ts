import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { recordingSchema } from '#dist/backends/replay/recordingFile.js';

it('docs/replay.md explains every key of recording.yaml, and which may be missing', () => {
  const page = readFileSync('docs/replay.md', 'utf8');
  const [, table = ''] = page.split('`recording.yaml`, ');
  const documented = [...(table.split('`quantisation` is')[0] ?? '').matchAll(/^\| `(\w+)` \|/gm)].map(
    ([, key]) => key,
  );
  const shape = recordingSchema.shape;
  expect(documented.toSorted()).toEqual(Object.keys(shape).toSorted());
  const optional = Object.entries(shape).flatMap(([key, one]) =>
    one.safeParse(undefined).success ? [key] : [],
  );
  const listed = new Intl.ListFormat('en-GB').format(optional.map((key) => `\`${key}\``));
  expect(page).toContain(`all keys required but ${listed}, no others allowed`);
});
