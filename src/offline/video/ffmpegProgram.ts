import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ConfigError } from '../../core/errors.js';
import { readFault } from '../../files/fault.js';

/** An ffmpeg that can be used. */
export interface FfmpegProgram {
  readonly command: string;
  /** What has it write every picture once, as it stands in the file. */
  readonly everyPicture: readonly string[];
}

/** Ubuntu 22.04 has it; older ones cannot leave pictures in their own size. */
const oldestVersion = 4.4;
/** The first that calls it `-fps_mode`. */
const modeVersion = 5.1;
const remedy = 'sudo apt install ffmpeg, or name one with --ffmpeg';

/**
 * Looks at the ffmpeg of this name or path.
 *
 * Throws ConfigError `ffmpeg` with the remedy where there is none, or one that is too old.
 */
export async function findFfmpeg(command: string): Promise<FfmpegProgram> {
  const version = await promisify(execFile)(command, ['-hide_banner', '-version']).then(
    ({ stdout }) => stdout,
    (error: NodeJS.ErrnoException) => {
      // The code of a program that started and failed is a number.
      if (typeof error.code !== 'string') return '';
      const what = `ffmpeg reads videos, and ${command} ${readFault(error)}: ${remedy}`;
      throw new ConfigError('ffmpeg', what, { command });
    },
  );
  if (!version.startsWith('ffmpeg version ')) {
    throw new ConfigError('ffmpeg', `${command} is no ffmpeg: ${remedy}`, { command });
  }
  const numbered = /^ffmpeg version n?(\d+\.\d+)/.exec(version);
  // Builds between releases bear no number, and are new.
  const release = numbered === null ? Number.POSITIVE_INFINITY : Number(numbered[1]);
  if (release < oldestVersion) {
    const what = `${command} is ffmpeg ${release}, expected ${oldestVersion} or newer: ${remedy}`;
    throw new ConfigError('ffmpeg', what, { command, release });
  }
  const everyPicture = release < modeVersion ? ['-vsync', 'passthrough'] : ['-fps_mode', 'passthrough'];
  return { command, everyPicture };
}
