#!/usr/bin/env node
// Usage: node scripts/setup.mjs [--verbose] [step ...]     prepares this checkout; does only what is missing
import { ensureSetup } from './setup/index.mjs';

const args = process.argv.slice(2);
await ensureSetup({ steps: args.filter((arg) => !arg.startsWith('-')) });
