import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fetchedNpmPackage } from './fetched.mjs';

/** The long-term line that gets fixes longest; npm has nodejs.org's own binaries. */
export const nodeVersion = '24.22.3';

/** By process.arch. */
const integrity = /** @type {Record<string, string>} */ ({
  x64: 'sha512-KHsob+Fv9YerATvYujMbiyJqnRCvLtrcr/eTNqRqiOSGp97EOiRP1yP47+knGgQ/xnc3XY8xzkW587dlZzNqRA==',
  arm64: 'sha512-IZx0J52/1NDwAsY2iyWR9nlPIYuYviTWetjj8+ElvYQh2+XRhLfCfkbFEF/2O5vGI2hcUbyPNHV+nz342FbJXw==',
});

/** OpenSSL's are for addons that call it, of which there are none. */
const needlessHeaders = /\/include\/node\/openssl(\/|$)/;

/**
 * Puts the Node that the program runs with into a folder, with the headers that rclnodejs is compiled against.
 *
 * @param {import('./targets.mjs').Architecture} architecture
 * @param {string} folder
 */
export async function installNodeRuntime({ node }, folder) {
  const name = `node-linux-${node}`;
  const from = await fetchedNpmPackage({ name, version: nodeVersion, integrity: integrity[node] ?? '' });
  mkdirSync(folder, { recursive: true });
  for (const path of ['bin/node', 'include', 'LICENSE']) {
    const filter = (/** @type {string} */ source) => !needlessHeaders.test(source);
    cpSync(join(from, path), join(folder, path), { recursive: true, filter });
  }
}
