import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { ConfigError } from '../../core/errors.js';
import { limits } from '../../core/limits.js';
import { counted } from '../../core/words.js';
import { readFault } from '../../files/fault.js';
import { statRegularFile } from '../../files/regularFile.js';
import { type AnnouncedPicture, FfmpegLines } from './ffmpegLines.js';
import type { FfmpegProgram } from './ffmpegProgram.js';

/** One picture of a video, upright and in the colours that the file declares. */
export interface VideoFrame extends AnnouncedPicture {
  /** R, G, B of each pixel, rows without gaps. */
  readonly rgb: Uint8Array;
}

const bytesPerPixel = 3;

function ffmpegArguments(path: string, everyPicture: readonly string[]): string[] {
  const quiet = ['-nostdin', '-hide_banner', '-nostats', '-loglevel', 'level+info'];
  // A list of addresses that passes for a video must not be followed.
  const input = ['-protocol_whitelist', 'file', '-i', `file:${resolve(path)}`];
  // Behind showinfo times mean nothing, but each must be later than the one before, also where filters begin anew since the size has changed.
  const times = 'settb=1/1000000,setpts=RTCTIME';
  const filters = ['-vf', `format=rgb24,showinfo=checksum=0,${times}`, '-enc_time_base', '1/1000000'];
  const pictures = ['-map', '0:v:0', ...filters, '-noautoscale'];
  return [...quiet, ...input, ...pictures, ...everyPicture, '-c:v', 'rawvideo', '-f', 'rawvideo', 'pipe:1'];
}

/** Pictures that ffmpeg has announced and nobody has asked for yet: a few, since it waits while its pictures are not read. */
class Announcements {
  readonly lines = new FfmpegLines();
  readonly #pictures: AnnouncedPicture[] = [];
  #hasEnded = false;
  #wake = () => {};

  constructor(stderr: Readable) {
    const reader = createInterface({ input: stderr });
    reader.on('line', (line) => {
      const announced = this.lines.read(line);
      if (announced !== null) this.#pictures.push(announced);
      this.#wake();
    });
    // Behind the last line; the reader itself says nothing of a stream that is destroyed.
    stderr.on('close', () => {
      this.#hasEnded = true;
      this.#wake();
    });
  }

  /** Null behind the last. */
  async next(): Promise<AnnouncedPicture | null> {
    while (this.#pictures.length === 0 && !this.#hasEnded) {
      await new Promise<void>((wake) => {
        this.#wake = wake;
      });
    }
    return this.#pictures.shift() ?? null;
  }
}

/** Bytes of a stream in portions of any size. */
class Portions {
  readonly #chunks: AsyncIterator<Buffer>;
  #left: Uint8Array = new Uint8Array(0);

  constructor(stream: Readable) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  /** False where the stream ends before. */
  async fill(target: Uint8Array): Promise<boolean> {
    for (let filled = 0; filled < target.length; ) {
      if (this.#left.length === 0) {
        const { done, value } = await this.#chunks.next();
        if (done === true) return false;
        this.#left = value;
      }
      const taken = this.#left.subarray(0, target.length - filled);
      target.set(taken, filled);
      this.#left = this.#left.subarray(taken.length);
      filled += taken.length;
    }
    return true;
  }
}

/** Ends the program if it has not ended by itself, with whatever it started: it may be a script. */
function kill(child: ChildProcess): void {
  if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch (error) {
      // It is gone, or another user's: that one ends by its broken pipes.
      if (!['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
  // It is closed only when nothing is left to be read.
  child.stdout?.destroy();
  child.stderr?.destroy();
}

/** A pipe or a device would keep the decoder waiting. */
async function checkVideoFile(path: string): Promise<void> {
  try {
    await statRegularFile(path);
  } catch (error) {
    throw new ConfigError('source', `${path} ${readFault(error)}`, { path });
  }
}

/**
 * Every picture of a video once, in the order they are shown.
 *
 * Throws ConfigError `source` where there is no picture, or something of the file could not be read: then behind the pictures that
 * could. Ends the decoder however the loop over it is left.
 *
 * @param signal Ends the decoder and with it the pictures, without an error.
 */
export async function* readVideo(
  path: string,
  ffmpeg: FfmpegProgram,
  signal?: AbortSignal,
): AsyncGenerator<VideoFrame> {
  const isAborted = () => signal?.aborted === true;
  await checkVideoFile(path);
  if (isAborted()) return;
  const child = spawn(ffmpeg.command, ffmpegArguments(path, ffmpeg.everyPicture), {
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, which can be ended as a whole.
    detached: true,
  });
  const closed = once(child, 'close');
  const abort = () => kill(child);
  signal?.addEventListener('abort', abort);
  const announcements = new Announcements(child.stderr);
  const pixels = new Portions(child.stdout);
  let read = 0;
  try {
    for (;;) {
      const announced = await announcements.next();
      if (announced === null) break;
      const { widthPx, heightPx } = announced;
      if (widthPx * heightPx > limits.compressedPixels) {
        const what = `${path} has pictures of ${widthPx}x${heightPx}; expected at most ${limits.compressedPixels} pixels`;
        throw new ConfigError('source', what, { path, widthPx, heightPx });
      }
      const rgb = new Uint8Array(widthPx * heightPx * bytesPerPixel);
      if (!(await pixels.fill(rgb))) break;
      read++;
      yield { ...announced, rgb };
    }
    const [code, signal] = (await closed) as [number | null, NodeJS.Signals | null];
    const { complaints } = announcements.lines;
    const fault = complaints !== '' ? complaints : code === 0 ? '' : `ffmpeg ended with ${code ?? signal}`;
    if (fault !== '' || read === 0) {
      const done = read === 0 ? '' : ` behind ${counted(read, 'picture')}`;
      const what = `${path} cannot be decoded${done}: ${fault === '' ? 'it has no picture' : fault}`;
      throw new ConfigError('source', what, { path, pictures: read });
    }
  } catch (error) {
    // What an abort broke off fails.
    if (!isAborted()) throw error;
  } finally {
    signal?.removeEventListener('abort', abort);
    kill(child);
    await closed;
  }
}
