import { stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { nv12FrameCount } from '../camera/nv12File.js';
import { isPictureName, pictureKinds, readPictureNames } from '../camera/pictureNames.js';
import { ConfigError } from '../core/errors.js';
import type { SizePx } from '../core/geometry.js';
import { readFault, shownPath } from '../files/fault.js';

/** One frame of a file: a picture, or a part of a file of NV12. */
export interface OfflineInput {
  readonly path: string;
  /** Names what is made of it; no other input has it. */
  readonly name: string;
  /** Which frame of a file of NV12 it is, and the size of these; null for a picture. */
  readonly nv12: ({ readonly frame: number } & SizePx) | null;
}

/** What the arguments stand for. */
export interface OfflineInputs {
  readonly inputs: readonly OfflineInput[];
  /** What folders hold beside their pictures, told and left out. */
  readonly leftOut: readonly { readonly folder: string; readonly what: string }[];
}

const digitsOfFrame = 6;

function pictureInput(path: string): OfflineInput {
  return { path, name: basename(path, extname(path)), nv12: null };
}

async function nv12Inputs(path: string, size: SizePx | null): Promise<OfflineInput[]> {
  if (size === null) {
    const what = `${path} holds bare NV12, which does not say its size: give --width and --height`;
    throw new ConfigError('arguments', what, { path });
  }
  const { name } = pictureInput(path);
  const count = await nv12FrameCount(path, size.widthPx, size.heightPx);
  return Array.from({ length: count }, (_, frame) => ({
    path,
    name: count === 1 ? name : `${name}_${String(frame).padStart(digitsOfFrame, '0')}`,
    nv12: { frame, ...size },
  }));
}

/** Throws for two inputs whose results would have the same name. */
function refuseSameNames(inputs: readonly OfflineInput[]): void {
  const pathOfName = new Map<string, string>();
  for (const { name, path } of inputs) {
    const other = pathOfName.get(name);
    if (other === path) throw new ConfigError('arguments', `${path} is given twice`, { name });
    if (other !== undefined) {
      const what = `${other} and ${path} would both give results named ${name}: segment them into folders of their own`;
      throw new ConfigError('arguments', what, { name });
    }
    pathOfName.set(name, path);
  }
}

/**
 * The frames of files and folders: pictures, and `.nv12` files of frames of this size; of a folder the pictures in it.
 *
 * Throws ConfigError `source` for what cannot be read or is neither, `nv12_size` for a file that is no whole number of
 * frames, `arguments` where a size is missing or two results would have one name.
 */
export async function listInputs(paths: readonly string[], nv12Size: SizePx | null): Promise<OfflineInputs> {
  const inputs: OfflineInput[] = [];
  const leftOut: OfflineInputs['leftOut'][number][] = [];
  for (const path of paths) {
    const found = await stat(path).catch((error: unknown) => {
      throw new ConfigError('source', `${shownPath(path)} ${readFault(error)}`, { path });
    });
    if (found.isDirectory()) {
      const { names, leftOut: what } = await readPictureNames(path);
      inputs.push(...names.map((name) => pictureInput(join(path, name))));
      if (what !== null) leftOut.push({ folder: path, what });
    } else if (extname(path).toLowerCase() === '.nv12') {
      inputs.push(...(await nv12Inputs(path, nv12Size)));
    } else if (isPictureName(basename(path))) {
      inputs.push(pictureInput(path));
    } else {
      const what = `${path} is neither a picture (${pictureKinds}) nor a file of NV12 frames (.nv12)`;
      throw new ConfigError('source', what, { path });
    }
  }
  refuseSameNames(inputs);
  return { inputs, leftOut };
}
