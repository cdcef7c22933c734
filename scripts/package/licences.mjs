import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../setup/paths.mjs';
import { lockedPackages } from './npmPackages.mjs';
import { nodeVersion } from './nodeRuntime.mjs';
import { packagesOf } from './parts.mjs';
import { itemOfPackage, spdxDocument } from './spdx.mjs';

/**
 * @typedef {import('./debianLibraries.mjs').LinkedLibrary} LinkedLibrary
 * @typedef {import('./parts.mjs').Part} Part
 */

/**
 * Texts for what has no folder of its own in the part; npm packages keep theirs, and so does Node.
 *
 * @param {Part} part
 * @param {readonly LinkedLibrary[]} linked
 * @param {string} folder
 */
export function copyLicences(part, linked, folder) {
  const licences = join(folder, 'licences');
  mkdirSync(licences, { recursive: true });
  cpSync(join(root, 'LICENSE'), join(licences, `${part.name}.txt`));
  for (const { name, copyright } of linked) cpSync(copyright, join(licences, `${name}.txt`));
}

/**
 * @param {Part} part
 * @param {import('./targets.mjs').Target} target
 * @param {readonly LinkedLibrary[]} linked
 */
export function listOfParts(part, { architecture }, linked) {
  const machine = { platform: 'linux', arch: architecture.node };
  const version = lockedPackages['']?.version ?? '';
  const whole = { name: part.name, version, licence: 'Apache-2.0', from: 'NOASSERTION' };
  const base = part.needs.length === 0;
  const node = {
    name: 'node',
    version: nodeVersion,
    licence: 'MIT',
    from: `https://registry.npmjs.org/node-linux-${architecture.node}/-/node-linux-${architecture.node}-${nodeVersion}.tgz`,
  };
  const libraries = linked.map(({ name, version, licence }) => ({
    name,
    version,
    licence,
    from: 'NOASSERTION',
  }));
  const items = [...(base ? [node] : []), ...libraries, ...packagesOf(part, machine).map(itemOfPackage)];
  return spdxDocument(whole, items, new Date());
}
