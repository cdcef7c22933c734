// Frames per second of the stand-in for libdnn.so with one task and with two; the X5 reaches 96 and 182.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../native/bin/fakednn/fakednn_rate', import.meta.url));

const modelText = `RDK FAKEDNN MODEL 1
core_ms: 5.5
host_ms: 4.9
[model name]: rate
input[0]:
name: images
valid shape: (1,3,64,64,)
aligned shape: (1,3,64,64,)
aligned byte size: 6144
tensor type: HB_DNN_IMG_TYPE_NV12
tensor layout: HB_DNN_LAYOUT_NCHW
output[0]:
name: out
valid shape: (1,1,1,4,)
aligned shape: (1,1,1,4,)
aligned byte size: 16
tensor type: HB_DNN_TENSOR_TYPE_F32
tensor layout: HB_DNN_LAYOUT_NHWC
stride: (16,16,16,4,)
`;

export function run() {
  const folder = mkdtempSync(join(tmpdir(), 'fakednn-rate-'));
  try {
    const key = createHash('sha256').update(Buffer.alloc(6144)).digest('hex').slice(0, 16);
    writeFileSync(join(folder, 'rate.bin'), modelText);
    mkdirSync(join(folder, 'rate.recordings'));
    writeFileSync(join(folder, 'rate.recordings', `${key}.bin`), Buffer.alloc(16));
    const said = execFileSync(program, [join(folder, 'rate.bin')], { encoding: 'utf8' });
    const [one, two] = [...said.matchAll(/tasks? (\d+\.\d)/g)].map((match) => Number(match[1]));
    return [
      { name: 'one task', 'frames/s': one },
      { name: 'two tasks', 'frames/s': two },
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}
