import { stringify } from 'yaml';
import type { ClassScores } from '../../model/rawHeads.js';
import type { NamedOutput } from '../../model/namedHeads.js';
import { roleLists } from '../../model/roleLists.js';

/** What a manifest of a compiled model says. */
export interface ManifestContent {
  readonly classNames: readonly string[] | null;
  readonly classCount: number;
  readonly classScores: ClassScores;
  /** Whether one cell alone finds an object, by names that the compiled model lacks or by what was given. */
  readonly oneToOne: boolean;
  readonly heads: readonly NamedOutput[];
  /** How the model was made, a line each. */
  readonly remarks: readonly string[];
}

/** The manifest of a compiled model as the node reads it, with remarks on how the model was made. */
export function manifestText(content: ManifestContent): string {
  const { classNames, classCount, classScores, oneToOne, heads, remarks } = content;
  const unnamed =
    classNames === null
      ? [
          'nobody names the classes: write class_names: [...] here in the order of class ids, or class_names: coco',
        ]
      : [];
  const manifest = {
    ...(classNames === null ? { class_count: classCount } : { class_names: classNames }),
    class_scores: classScores,
    one_to_one: oneToOne,
    heads: roleLists(heads),
  };
  const lines = [...remarks, ...unnamed].map((line) => `# ${line.replace(/\s+/g, ' ')}\n`);
  return `${lines.join('')}${stringify(manifest, { lineWidth: 0 })}`;
}
