#!/usr/bin/env node
// Usage: npm run test:sanitize     runs the tests of native code on addons built with AddressSanitizer and UBSan
import { runSanitized } from './sanitizers/run.mjs';

process.exitCode = await runSanitized('asan', {
  tests: ['test/native', 'test/ros2/hbmem', 'test/fuzz/frames'],
  options: {
    // Node itself keeps memory until its end; test/native/lifecycle.test.ts looks for leaks of ours.
    ASAN_OPTIONS: 'detect_leaks=0',
  },
});
