import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { ensurePythonTool } from './pythonTool.mjs';

const REQUIREMENTS = ['av==18.1.0', 'imageio-ffmpeg==0.8.1', 'numpy==2.2.6'];

/**
 * What tests of videos need: a Python with PyAV, which has a decoder of its own, and an ffmpeg.
 * @returns {Promise<{ python: string, ffmpeg: string }>}
 */
export async function ensureVideoTools() {
  const python = join(dirname(await ensurePythonTool('pyav', ...REQUIREMENTS)), 'python');
  const code = 'import imageio_ffmpeg; print(imageio_ffmpeg.get_ffmpeg_exe())';
  return { python, ffmpeg: execFileSync(python, ['-I', '-c', code], { encoding: 'utf8' }).trim() };
}
