import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { ensureBagTools } from '../../scripts/bagTools.mjs';
import { loadPicture, repoPath } from '../support/frames.js';
import { writeFileSync } from 'node:fs';

/** A message that test/oracle/bags.py writes. */
export interface WrittenMessage {
  readonly topic: string;
  readonly type: string;
  readonly logTime: string;
  readonly stamp?: string;
  readonly frameId?: string;
  readonly file?: string;
  readonly encoding?: string;
  readonly width?: number;
  readonly height?: number;
  readonly step?: number;
  /** The serialised message in base64, in place of its fields. */
  readonly raw?: string;
  readonly messageEncoding?: string;
}

/** A message as rosbags reads it. */
export interface ListedMessage {
  readonly topic: string;
  readonly type: string;
  readonly logTime: string;
  readonly stamp: string | null;
  readonly sha256: string;
}

const python = await ensureBagTools();
const script = repoPath('test/oracle/bags.py');
const command = repoPath('bin/rdk-yolo-seg');
/** Of the demo. */
export const model = repoPath('assets/models/shapes-seg-320.onnx');
const evaluation = repoPath('assets/evalset/images');
/** Of 640x360. */
const pictureFiles = readdirSync(evaluation)
  .toSorted()
  .slice(5, 8)
  .map((name) => join(evaluation, name));

/** Runs test/oracle/bags.py; returns what it prints. */
export function bagTool(args: readonly string[], messages: readonly WrittenMessage[] = []): string {
  return execFileSync(python, [script, ...args], {
    input: JSON.stringify(messages),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, PYTHONPATH: '' },
  });
}

/** The messages of a recording in the order of their times, by rosbags. */
export function listMessages(path: string): ListedMessage[] {
  return JSON.parse(bagTool(['list', path])) as ListedMessage[];
}

/** Runs `rdk-yolo-seg segment` with the model of the demo. */
export function segment(folder: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(command, ['segment', ...args, '--model', model], {
    encoding: 'utf8',
    cwd: folder,
  });
  return { status, stdout, stderr };
}

const startNs = 1_700_000_000_000_000_123n;
const periodNs = 33_000_000n;

/**
 * Three pictures on three topics: as JPEG, as rows of RGB and in shared memory's form, each stamped 5 ms before it was
 * logged. Beside the messages there lie files of the same pixels, `N.jpg`, `N.png` and `N.nv12`.
 */
export async function pictureMessages(folder: string): Promise<WrittenMessage[]> {
  const messages: WrittenMessage[] = [];
  for (const [index, path] of pictureFiles.entries()) {
    const jpeg = join(folder, `${index}.jpg`);
    writeFileSync(jpeg, await sharp(path).jpeg({ quality: 95 }).toBuffer());
    const rgb = await sharp(path).removeAlpha().raw().toBuffer();
    writeFileSync(join(folder, `${index}.rgb`), rgb);
    await sharp(rgb, { raw: { width: 640, height: 360, channels: 3 } }).toFile(join(folder, `${index}.png`));
    writeFileSync(join(folder, `${index}.nv12`), (await loadPicture(path)).bytes);
    const time = (offset: bigint) => {
      const logTime = startNs + periodNs * BigInt(index) + offset;
      return { logTime: String(logTime), stamp: String(logTime - 5_000_000n) };
    };
    messages.push(
      {
        ...time(0n),
        topic: '/front/image/compressed',
        type: 'sensor_msgs/msg/CompressedImage',
        frameId: 'front_optical',
        encoding: 'jpeg',
        file: jpeg,
      },
      {
        ...time(1n),
        topic: '/back/image',
        type: 'sensor_msgs/msg/Image',
        frameId: 'back_optical',
        encoding: 'rgb8',
        width: 640,
        height: 360,
        step: 1920,
        file: join(folder, `${index}.rgb`),
      },
      { ...time(2n), topic: '/ticks', type: 'std_msgs/msg/Header', raw: emptyHeader },
      {
        ...time(3n),
        topic: '/hbmem_img',
        type: 'hbm_img_msgs/msg/HbmMsg480P',
        encoding: 'nv12',
        width: 640,
        height: 360,
        step: 640,
        file: join(folder, `${index}.nv12`),
      },
    );
  }
  return messages;
}

/** std_msgs/Header: no time, no frame. */
const emptyHeader = Buffer.from([0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]).toString('base64');
