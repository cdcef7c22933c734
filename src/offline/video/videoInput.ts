import { basename, extname } from 'node:path';
import { ConfigError } from '../../core/errors.js';
import { type InputSource, numberedName, type OfflineInput } from '../offlineInput.js';
import { findFfmpeg } from './ffmpegProgram.js';
import { readVideo } from './videoFrames.js';

const videoNames = /\.(?:mp4|m4v|mov|avi|mkv|webm|mpe?g|ts|mts|h26[45]|hevc|mjpe?g)$/i;
/** Names that are taken for videos, for messages. */
export const videoKinds = '.mp4, .mkv, .avi, .mov, .webm, ...';

/** True if a name is that of a video. */
export function isVideoName(name: string): boolean {
  return videoNames.test(name) && !name.startsWith('.');
}

/**
 * A video, one picture after the other as it is decoded.
 *
 * Throws ConfigError `ffmpeg` where the program that decodes it is not there.
 *
 * @param ffmpegCommand Name or path of the program.
 */
export async function videoSource(path: string, ffmpegCommand: string): Promise<InputSource> {
  const ffmpeg = await findFfmpeg(ffmpegCommand);
  const name = basename(path, extname(path));
  async function* frames(signal?: AbortSignal): AsyncGenerator<OfflineInput> {
    let number = 0;
    try {
      for await (const frame of readVideo(path, ffmpeg, signal)) {
        yield { kind: 'video', path, name: numberedName(name, number), number, ...frame };
        number++;
      }
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      yield { kind: 'lost', path, name, fault: error };
    }
  }
  return {
    path,
    name,
    kind: 'video',
    frameNames: [`${name}_#`],
    isOneTopic: true,
    topics: [],
    frameCount: null,
    remarks: [],
    frames,
  };
}
