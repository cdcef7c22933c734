#!/usr/bin/env bash
# Usage: npm run test:sanitize     runs the tests of the core addon and of fakednn under AddressSanitizer and UBSan
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
for target in core fakednn; do
  npx cmake-js compile -d native -O "native/build/$target-asan" --CDRDK_TARGET="$target" --CDRDK_SANITIZE=ON
done
# Node itself keeps memory until its end; test/native/lifecycle.test.ts looks for leaks of ours.
# Python lacks the C++ library, which has to be there before the first exception.
RDK_ADDON_SUFFIX=-asan ASAN_OPTIONS=detect_leaks=0 \
  LD_PRELOAD="$(g++ -print-file-name=libasan.so):$(g++ -print-file-name=libstdc++.so)" \
  npx vitest run --project unit test/native
