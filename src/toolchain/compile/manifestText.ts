import { stringify } from 'yaml';
import type { ClassScores } from '../../model/splitHeads.js';
import type { OutputRole, NamedOutput } from '../../model/namedHeads.js';

/** What a manifest of a compiled model says. */
export interface ManifestContent {
  readonly classNames: readonly string[] | null;
  readonly classCount: number;
  readonly classScores: ClassScores;
  readonly heads: readonly NamedOutput[];
  /** How the model was made, a line each. */
  readonly remarks: readonly string[];
}

/** The manifest of a compiled model as the node reads it, with remarks on how the model was made. */
export function manifestText(content: ManifestContent): string {
  const { classNames, classCount, classScores, heads, remarks } = content;
  const outputsOf = (role: OutputRole) =>
    heads.filter((head) => head.role === role).map(({ output }) => output);
  const unnamed =
    classNames === null
      ? ['the model brings no class names: write them here, in the order of class ids']
      : [];
  const manifest = {
    // Without names the node would take 80 classes for those of COCO.
    class_names: classNames ?? Array.from({ length: classCount }, (_, id) => `class ${id}`),
    class_scores: classScores,
    heads: { classes: outputsOf('cls'), boxes: outputsOf('box'), coefficients: outputsOf('coef') },
  };
  const lines = [...remarks, ...unnamed].map((line) => `# ${line.replace(/\s+/g, ' ')}\n`);
  return `${lines.join('')}${stringify(manifest, { lineWidth: 0 })}`;
}
