#!/usr/bin/env node
// Usage: npm run docs:parameters     renders the parameter schema into README.md and config/params/yolo_seg.yaml
import { readFileSync, writeFileSync } from 'node:fs';
import { parametersAsMarkdown, parametersAsYaml } from '#dist/config/render.js';

const readme = new URL('../README.md', import.meta.url);
const yaml = new URL('../config/params/yolo_seg.yaml', import.meta.url);
const table = /\| parameter \| type .*\n(\|.*\n)+/;

const text = readFileSync(readme, 'utf8');
if (!table.test(text)) throw new Error('README.md has no parameter table to replace');
writeFileSync(
  readme,
  text.replace(table, () => parametersAsMarkdown()),
);
writeFileSync(yaml, parametersAsYaml());
