import { existsSync } from 'node:fs';
import { repoPath } from './frames.js';

export { renderModelInfo } from '../../tools/fakednn/modelInfo.mjs';
export { fakednnMagic, writeFakeModel } from '../../tools/fakednn/record.mjs';

/** The stand-in for the vendor's library, native/fakednn. */
export const fakednnLibrary = repoPath('native/bin/fakednn/libdnn.so');

if (!existsSync(fakednnLibrary)) throw new Error(`found no ${fakednnLibrary}; remedy: npm run setup`);
