import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = `../../../native/bin/fakednn${process.env.RDK_ADDON_SUFFIX ?? ''}`;

/** The stand-in for the vendor's library, native/fakednn; the one that is sanitized where the addon is. */
export const fakednnLibrary = fileURLToPath(new URL(`${folder}/libdnn.so`, import.meta.url));

if (!existsSync(fakednnLibrary)) throw new Error(`found no ${fakednnLibrary}; remedy: npm run setup`);
