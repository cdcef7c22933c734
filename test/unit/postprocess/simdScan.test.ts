import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import makeWabt from 'wabt';
import { kernelBytes } from '#dist/postprocess/simdScan.js';

it('the bytes of the kernel are its source, assembled by the WebAssembly Binary Toolkit', async () => {
  const name = 'src/postprocess/skipBlocks.wat';
  const module = (await makeWabt()).parseWat(name, readFileSync(name, 'utf8'), { simd: true });
  module.validate();
  const assembled = Buffer.from(module.toBinary({}).buffer).toString('base64');
  expect(kernelBytes).toBe(assembled);
});
