#!/usr/bin/env bash
# Usage: npm run test:sanitize     runs the tests of the core addon under AddressSanitizer and UBSan
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
npx cmake-js compile -d native -O native/build/core-asan --CDRDK_TARGET=core --CDRDK_SANITIZE=ON
# Node itself keeps memory until its end; test/native/lifecycle.test.ts looks for leaks of ours.
RDK_ADDON_SUFFIX=-asan LD_PRELOAD="$(g++ -print-file-name=libasan.so)" ASAN_OPTIONS=detect_leaks=0 \
  npx vitest run --project unit test/native
