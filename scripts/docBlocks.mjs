// Names every export of src/ that has no doc block; ends with 1 if there is one. An export is what strangers meet first.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { root } from './setup/paths.mjs';

/** @param {ts.Node} node */
const isExported = (node) =>
  ts.canHaveModifiers(node) &&
  (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);

/**
 * Exported declarations of a source text that have no doc block, as `line: name`.
 *
 * @param {string} text
 */
export function undocumented(text) {
  const source = ts.createSourceFile('source.ts', text, ts.ScriptTarget.Latest, true);
  const missing = [];
  const documented = new Set();
  for (const statement of source.statements) {
    if (!isExported(statement) || ts.isExportDeclaration(statement)) continue;
    const names = ts.isVariableStatement(statement)
      ? statement.declarationList.declarations.map(({ name }) => name.getText(source))
      : [/** @type {ts.DeclarationStatement} */ (statement).name?.getText(source) ?? 'default'];
    const hasBlock = ts.getJSDocCommentsAndTags(statement).some(ts.isJSDoc);
    const { line } = source.getLineAndCharacterOfPosition(statement.getStart(source));
    for (const name of names) {
      // A type that shares the name of a documented value, or an overload, is told there.
      if (hasBlock) documented.add(name);
      else missing.push({ name, line: line + 1 });
    }
  }
  return missing.filter(({ name }) => !documented.has(name)).map(({ name, line }) => `${line}: ${name}`);
}

function main() {
  const folder = join(root, 'src');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const missing = files.toSorted().flatMap((name) => {
    const path = join(folder, name);
    return undocumented(readFileSync(path, 'utf8')).map((what) => `${relative(root, path)}:${what}`);
  });
  if (missing.length === 0) return;
  console.error(`exports without a doc block:\n${missing.join('\n')}`);
  process.exitCode = 1;
}

if (import.meta.filename === process.argv[1]) main();
