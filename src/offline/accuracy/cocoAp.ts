import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { ConfigError, SegError } from '../../core/errors.js';
import { readTextFile } from '../../files/textFile.js';

const script = fileURLToPath(new URL('../../../tools/eval/coco_ap.py', import.meta.url));
const run = promisify(execFile);

/** The version that the figures of docs/accuracy.md were made with. */
const requirements = fileURLToPath(new URL('../../../tools/eval/requirements.txt', import.meta.url));

const share = z.number().min(0).max(1).nullable();
const kindFigures = z.object({
  stats: z.array(share).length(12),
  lines: z.array(z.string()).length(12),
  classes: z.array(z.object({ category_id: z.number(), ap: share, ap50: share })),
});
const cocoAp = z.object({ bbox: kindFigures, segm: kindFigures });
const versions = z.object({ pycocotools: z.string(), numpy: z.string() });

/** Of boxes or of masks. */
export type KindFigures = z.infer<typeof kindFigures>;
/** What pycocotools says of boxes and of masks; null where no object is of the kind. */
export type CocoAp = z.infer<typeof cocoAp>;
/** The packages that say it. */
export type CocoVersions = z.infer<typeof versions>;

/** The last line of what a program said, which in Python's reports is the error. */
function lastWords(error: unknown): string {
  const { stderr = '', message } = error as { stderr?: string; message: string };
  return stderr.trim().split('\n').at(-1) || message;
}

/** Throws ConfigError `python` where this Python does not start or lacks pycocotools. */
export async function checkPycocotools(python: string): Promise<CocoVersions> {
  try {
    const { stdout } = await run(python, [script, 'check']);
    return versions.parse(JSON.parse(stdout));
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code !== 'ENOENT';
    const found = isThere ? lastWords(error) : 'it is not there';
    const asked = (await readTextFile(requirements)).trim();
    const remedy = `AP is computed by pycocotools: \`${isThere ? python : 'python3'} -m pip install ${asked}\`, in a venv where the system's Python takes none; --python names its Python`;
    throw new ConfigError('python', `${python} cannot run pycocotools: ${found}. ${remedy}`, { python });
  }
}

/**
 * AP of a result file over some of the pictures of an annotation file.
 *
 * Throws SegError `pycocotools` with what it said, and the reason of an abort.
 *
 * @param picturesPath A JSON list of the ids of pictures.
 */
export async function computeAp(
  python: string,
  paths: { readonly truth: string; readonly results: string; readonly pictures: string },
  signal: AbortSignal,
): Promise<CocoAp> {
  try {
    const args = [script, paths.truth, paths.results, paths.pictures];
    const { stdout } = await run(python, args, { signal, maxBuffer: 1 << 28 });
    return cocoAp.parse(JSON.parse(stdout));
  } catch (error) {
    signal.throwIfAborted();
    const what = `pycocotools failed on ${paths.results}: ${lastWords(error)}`;
    throw new SegError('pycocotools', what, { results: paths.results });
  }
}
