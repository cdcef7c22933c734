import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { hbmMessageNames, hbmMessages } from '#dist/core/hbmMessages.js';

const folder = new URL('../../../ros/compat/hbm_img_msgs/msg/', import.meta.url);

it('every image message of hbm_img_msgs is known', () => {
  const files = readdirSync(folder).filter((name) => name.startsWith('HbmMsg'));
  expect(files.sort()).toEqual(hbmMessageNames.map((name) => `${name}.msg`).sort());
});

it.each(hbmMessages)(
  '$name has the room its definition says',
  ({ name, widthPx, heightPx, capacityBytes }) => {
    const definition = readFileSync(new URL(`${name}.msg`, folder), 'utf8');
    const numbersOf = (pattern: RegExp) => pattern.exec(definition)?.slice(1).map(Number);
    expect(numbersOf(/^uint32 MAX_SIZE=(\d+)$/m)).toEqual([capacityBytes]);
    expect(numbersOf(/^uint8\[(\d+)\] data$/m)).toEqual([capacityBytes]);
    expect(numbersOf(/up to (\d+) x (\d+) pixels/)).toEqual([widthPx, heightPx]);
  },
);
