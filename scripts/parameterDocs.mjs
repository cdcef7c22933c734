#!/usr/bin/env node
// Usage: npm run docs:parameters     renders the parameter schema into README.md, docs/parameters.md and config/params/yolo_seg.yaml
import { readFileSync, writeFileSync } from 'node:fs';
import { firstParametersAsMarkdown, parametersAsMarkdown, parametersAsYaml } from '#dist/config/render.js';

/**
 * Replaces the one part of a page that matches.
 *
 * @param {string} path from the project's folder
 * @param {RegExp} part
 * @param {string} text
 */
function replaceIn(path, part, text) {
  const url = new URL(`../${path}`, import.meta.url);
  const page = readFileSync(url, 'utf8');
  if (!part.test(page)) throw new Error(`${path} has no part ${part} to replace`);
  writeFileSync(
    url,
    page.replace(part, () => text),
  );
}

replaceIn('README.md', /\| parameter \| type .*\n(\|.*\n)+/, firstParametersAsMarkdown());
// Everything from the first heading on.
replaceIn('docs/parameters.md', /^## [\s\S]*/m, parametersAsMarkdown());
writeFileSync(new URL('../config/params/yolo_seg.yaml', import.meta.url), parametersAsYaml());
