#!/usr/bin/env node
// Usage: node scripts/setup.mjs [--verbose] [step ...]     prepares this checkout; does only what is missing
import { parseArgs } from 'node:util';
import { ensureSetup } from './setup/index.mjs';
import { stepNames } from './setup/steps.mjs';

const { values, positionals } = parseArgs({
  options: { help: { type: 'boolean', short: 'h' }, verbose: { type: 'boolean' } },
  allowPositionals: true,
});
if (values.help) {
  console.log(
    `usage: npm run setup -- [--verbose] [step ...]\nsteps, all without a name: ${stepNames.join(', ')}`,
  );
} else {
  await ensureSetup({ verbose: values.verbose ?? false, steps: positionals });
}
