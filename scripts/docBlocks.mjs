// Names every export of src/ that has no doc block, or one that only repeats the name; ends with 1 if there is one. An
// export is what strangers meet first.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { root } from './setup/paths.mjs';

/** Words that say nothing of their own beside those of a name. */
const fillers = new Set(
  'a an the this that these those its their one each every all any of to for from in on at by with as and or is are'.split(
    ' ',
  ),
);

/** @param {ts.Node} node */
const isExported = (node) =>
  ts.canHaveModifiers(node) &&
  (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);

/**
 * The words of a text or of a name, without their endings: `elementBytes` is `element`, `byte`.
 *
 * @param {string} text
 */
function stemsOf(text) {
  const words = text
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .match(/[a-z0-9]+/g);
  return (words ?? []).map((word) => word.replace(/(?<=..)(?:es|ed|ing|(?<!s)s|e)$/, ''));
}

const fillerStems = new Set([...fillers].flatMap(stemsOf));

/**
 * Whether the words of a doc block are those of the name, or none at all.
 *
 * @param {ts.JSDoc} block
 * @param {string} name
 */
function isRepeating(block, name) {
  const known = new Set([...stemsOf(name), ...fillerStems]);
  return stemsOf(ts.getTextOfJSDocComment(block.comment) ?? '').every((stem) => known.has(stem));
}

/**
 * Exported declarations of a source text whose doc blocks are missing or say nothing, as `line: name: fault`.
 *
 * @param {string} text
 */
export function docBlockFaults(text) {
  const source = ts.createSourceFile('source.ts', text, ts.ScriptTarget.Latest, true);
  const faults = [];
  const documented = new Set();
  for (const statement of source.statements) {
    if (!isExported(statement) || ts.isExportDeclaration(statement)) continue;
    const names = ts.isVariableStatement(statement)
      ? statement.declarationList.declarations.map(({ name }) => name.getText(source))
      : [/** @type {ts.DeclarationStatement} */ (statement).name?.getText(source) ?? 'default'];
    const block = ts.getJSDocCommentsAndTags(statement).filter(ts.isJSDoc).at(-1);
    const line = source.getLineAndCharacterOfPosition(statement.getStart(source)).line + 1;
    for (const name of names) {
      // A type that shares the name of a documented value, or an overload, is told there.
      if (block === undefined) faults.push({ name, line, fault: 'no doc block' });
      else if (isRepeating(block, name)) faults.push({ name, line, fault: 'says no more than the name' });
      else documented.add(name);
    }
  }
  return faults
    .filter(({ name }) => !documented.has(name))
    .map(({ name, line, fault }) => `${line}: ${name}: ${fault}`);
}

function main() {
  const folder = join(root, 'src');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const faults = files.toSorted().flatMap((name) => {
    const path = join(folder, name);
    return docBlockFaults(readFileSync(path, 'utf8')).map((what) => `${relative(root, path)}:${what}`);
  });
  if (faults.length === 0) return;
  console.error(`exports whose doc blocks are missing or say nothing:\n${faults.join('\n')}`);
  process.exitCode = 1;
}

if (import.meta.filename === process.argv[1]) main();
