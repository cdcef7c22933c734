import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { ConfigError } from '../../core/errors.js';
import { readFault } from '../../files/fault.js';
import { openRegularFile } from '../../files/regularFile.js';
import type { SizePx } from '../../core/geometry.js';
import type { BatchInput } from './batchInputs.js';

/** What results depend on beside their input. */
export interface Making {
  /** Of the program. */
  readonly version: string;
  /** As `modelHash` gives it. */
  readonly model: string;
  readonly backend: string;
  readonly classNames: readonly string[];
  readonly topics: readonly string[] | null;
  readonly nv12Size: SizePx | null;
  /** Values of the parameters by name. */
  readonly options: Readonly<Record<string, unknown>>;
}

const hashDigits = 20;
/** Files beside a model that say how it is to be read, or hold a part of it; behind its name, or in place of its suffix. */
const besideModel = (path: string) => [
  `${path}.data`,
  ...['.yaml', '.names', '.list'].map((suffix) => path.replace(/\.[^./]*$/, '') + suffix),
];

/** The hash of what is in a model's file and those that belong to it. Throws ConfigError `model_unreadable`. */
export async function modelHash(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for (const file of [path, ...besideModel(path).filter((one) => existsSync(one))]) {
      const ofFile = createHash('sha256');
      const content = (await openRegularFile(file)).createReadStream();
      for await (const bytes of content) ofFile.update(bytes as Buffer);
      hash.update(ofFile.digest());
    }
  } catch (error) {
    throw new ConfigError('model_unreadable', `${path} ${readFault(error)}`, { path });
  }
  return hash.digest('hex');
}

/**
 * What the result of an input is called: its own name, a hash of all that the result depends on, and an ending. Another input,
 * model, option or version gives another name, so that what is there need not be made again.
 */
export function resultName(
  { name, address, kind, objects }: Pick<BatchInput, 'name' | 'address' | 'kind' | 'objects'>,
  making: Making,
  ending: string,
): string {
  const options = Object.entries(making.options).sort(([a], [b]) => (a < b ? -1 : 1));
  const parts = [
    address,
    ...objects.flatMap(({ etag, sizeBytes }) => [etag, String(sizeBytes)]),
    ...[
      making.version,
      making.model,
      making.backend,
      making.classNames,
      kind === 'recording' || kind === 'bag' ? making.topics : null,
      kind === 'nv12' ? making.nv12Size : null,
      options,
    ],
  ];
  const hash = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, hashDigits);
  return `${name}.${hash}.${ending}`;
}
