#!/usr/bin/env node
// Usage: npm run bench -- [letterbox] [postprocess] ...     sets up what is missing, then measures
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ensureSetup } from './setup/index.mjs';
import { root } from './setup/paths.mjs';

const env = await ensureSetup();
env.ROS_AUTOMATIC_DISCOVERY_RANGE = 'LOCALHOST';
env.ROS_DOMAIN_ID ??= '91';
const main = join(root, 'test', 'bench', 'main.mjs');
const { status } = spawnSync(process.execPath, [main, ...process.argv.slice(2)], {
  cwd: root,
  env,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
