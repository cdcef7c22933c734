import { expect, it } from 'vitest';
import { resultName } from '#dist/offline/batch/resultKey.js';

const making = {
  version: '1.0.0',
  model: 'abc',
  backend: 'onnx',
  classNames: ['ball'],
  topics: null,
  nv12Size: null,
  options: { score_threshold: 0.25 },
};

const nameOf = (kind: 'recording' | 'bag' | 'picture' | 'nv12', changes: object = {}) => {
  const object = { key: 'a', address: 's3://robots/a', etag: '"1"', sizeBytes: 7n };
  const input = { name: 'a', address: object.address, kind, objects: [object] };
  return resultName(input as Parameters<typeof resultName>[0], { ...making, ...changes }, 'jsonl');
};

it.each([
  ['recording', true, false],
  ['bag', true, false],
  ['picture', false, false],
  ['nv12', false, true],
] as const)(
  'the result of a %s is another for other topics: %s, for another size of NV12: %s',
  (kind, ofTopics, ofSize) => {
    const [plain, topics, size] = [
      nameOf(kind),
      nameOf(kind, { topics: ['/front'] }),
      nameOf(kind, { nv12Size: { widthPx: 64, heightPx: 48 } }),
    ];
    expect([topics !== plain, size !== plain]).toEqual([ofTopics, ofSize]);
    expect(nameOf(kind, { options: { score_threshold: 0.3 } })).not.toBe(plain);
  },
);
