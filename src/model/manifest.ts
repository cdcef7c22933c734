import { parse } from 'yaml';
import { z } from 'zod';
import { ModelContractError } from '../core/errors.js';
import type { NamedRoles } from './headRoles.js';

/** What a file beside a model adds to what the model says of itself. */
export interface Manifest {
  /** Index = class id. */
  readonly classNames: readonly string[] | null;
  readonly classCount: number | undefined;
  /** The meaning of outputs whose shapes leave it open, by output name. */
  readonly roles: NamedRoles | undefined;
}

const names = z.array(z.string().min(1)).min(1);
const manifestSchema = z.strictObject({
  class_names: names.optional(),
  class_count: z.int().min(1).max(65_535).optional(),
  heads: z
    .strictObject({ classes: names.optional(), boxes: names.optional(), coefficients: names.optional() })
    .optional(),
});

/** Keys of the manifest's `heads` and the roles they stand for. */
const roleOfKey = { classes: 'cls', boxes: 'box', coefficients: 'coef' } as const;

/**
 * Reads a manifest: YAML with `class_names`, `class_count` and `heads` (`classes`, `boxes`, `coefficients`: names of
 * outputs), all optional. Whether it fits the model is `resolveHeads`' to judge.
 *
 * Throws ModelContractError `manifest`, which names the file and every fault.
 */
export function parseManifest(text: string, path: string): Manifest {
  const document = checkDocument(parseYaml(text, path), path);
  const { class_names: classNames, class_count: classCount, heads } = document;
  if (classNames !== undefined && classCount !== undefined && classNames.length !== classCount) {
    throw refuse(path, `class_names has ${classNames.length} names, class_count is ${classCount}`);
  }
  const roles = new Map<string, 'cls' | 'box' | 'coef'>();
  for (const key of Object.keys(roleOfKey) as (keyof typeof roleOfKey)[]) {
    for (const name of heads?.[key] ?? []) {
      if (roles.has(name)) throw refuse(path, `heads names ${name} twice`);
      roles.set(name, roleOfKey[key]);
    }
  }
  return { classNames: classNames ?? null, classCount, roles: roles.size === 0 ? undefined : roles };
}

function parseYaml(text: string, path: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw refuse(path, `no YAML: ${(error as Error).message}`, error);
  }
}

function checkDocument(document: unknown, path: string): z.infer<typeof manifestSchema> {
  const checked = manifestSchema.safeParse(document);
  if (checked.success) return checked.data;
  const faults = checked.error.issues.map((issue) => {
    const at = issue.path.join('.');
    return at === '' ? issue.message : `${at}: ${issue.message}`;
  });
  throw refuse(path, faults.join('; '));
}

function refuse(path: string, why: string, cause?: unknown): ModelContractError {
  return new ModelContractError('manifest', `model manifest ${path}: ${why}`, { path }, cause);
}
