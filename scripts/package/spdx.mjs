import { createHash } from 'node:crypto';
import { lockedPackages } from './npmPackages.mjs';

/**
 * @typedef {{ name: string, version: string, licence: string | undefined, from: string, sha512?: string | undefined }} Item
 * `sha512` in hexadecimal, of the archive at `from`
 */

/** What a package says in words of its own, as SPDX writes it. */
const spelled = /** @type {Record<string, string>} */ ({
  Apache2: 'Apache-2.0',
  // Bitstream's fonts, and changes to them that are in the public domain.
  'SEE LICENSE IN README.md AND LICENSE': 'Bitstream-Vera',
});

/** Licences that packages state in their LICENSE file alone. */
const read = /** @type {Record<string, string>} */ ({ 'wa-sqlite': 'MIT' });

/** @param {string} lockPath */
export function itemOfPackage(lockPath) {
  const { version = '', license, resolved = 'NOASSERTION', integrity } = lockedPackages[lockPath] ?? {};
  const name = lockPath.slice(lockPath.lastIndexOf('node_modules/') + 'node_modules/'.length);
  return {
    name,
    version,
    licence: license === undefined ? read[name] : (spelled[license] ?? license),
    from: resolved,
    sha512: integrity && Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').toString('hex'),
  };
}

/** @param {string} text */
const idOf = (text) => `SPDXRef-${text.replace(/[^A-Za-z0-9.]+/g, '-').replace(/^-/, '')}`;

/**
 * The list of what a part is made of, as SPDX 2.3 in JSON. Throws for an item without a licence.
 *
 * @param {Item} whole the part itself
 * @param {readonly Item[]} items
 * @param {Date} when
 */
export function spdxDocument(whole, items, when) {
  const nameless = [whole, ...items].filter(({ licence }) => !licence);
  if (nameless.length > 0) {
    const names = nameless.map(({ name, version }) => `${name} ${version}`).join(', ');
    throw new Error(
      `no licence is stated for ${names}: look it up and write it into scripts/package/spdx.mjs`,
    );
  }
  const packages = [whole, ...items].map(({ name, version, licence, from, sha512 }) => ({
    SPDXID: idOf(`${name}-${version}`),
    name,
    versionInfo: version,
    downloadLocation: from,
    filesAnalyzed: false,
    licenseConcluded: 'NOASSERTION',
    licenseDeclared: licence,
    copyrightText: 'NOASSERTION',
    ...(sha512 ? { checksums: [{ algorithm: 'SHA512', checksumValue: sha512 }] } : {}),
  }));
  const [described, ...rest] = packages.map(({ SPDXID }) => SPDXID);
  const hash = createHash('sha256').update(JSON.stringify(packages)).digest('hex');
  return {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: `${whole.name}-${whole.version}`,
    documentNamespace: `https://spdx.org/spdxdocs/${whole.name}-${whole.version}-${hash}`,
    creationInfo: {
      created: when.toISOString().replace(/\.\d+Z$/, 'Z'),
      creators: ['Tool: rdk-yolo-seg-package'],
    },
    packages,
    relationships: [
      { spdxElementId: 'SPDXRef-DOCUMENT', relationshipType: 'DESCRIBES', relatedSpdxElement: described },
      ...rest.map((id) => ({
        spdxElementId: described,
        relationshipType: 'CONTAINS',
        relatedSpdxElement: id,
      })),
    ],
  };
}
