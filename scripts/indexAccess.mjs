// Checks src/ with `noUncheckedIndexedAccess`: what is taken from an array by a number may be undefined. The compiler
// knows the option for whole programs only, and loops over typed arrays would be full of checks that cannot fail.
import { dirname, join, relative, sep } from 'node:path';
import ts from 'typescript';
import { root } from './setup/paths.mjs';

/** Per-frame loops over typed arrays, whose indices are their own invariant. */
const hotPlaces = [
  'src/postprocess/',
  // An iterator over the spans takes 17 times as long for the area of a mask and twice as long for its pixels.
  'src/core/spans.ts',
];

/**
 * Faults that the option finds in the program of a tsconfig, outside of `hot` places, as `file:line:column: message`.
 *
 * @param {string} configPath
 * @param {readonly string[]} hot Paths from the folder of the tsconfig; those of folders end with a slash.
 */
export function uncheckedAccesses(configPath, hot) {
  const folder = dirname(configPath);
  const options = { noUncheckedIndexedAccess: true, noEmit: true, incremental: false };
  const config = ts.getParsedCommandLineOfConfigFile(configPath, options, {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: ({ messageText }) => {
      throw new Error(ts.flattenDiagnosticMessageText(messageText, '\n'));
    },
  });
  if (config === undefined) throw new Error(`${configPath} could not be read`);
  const program = ts.createProgram(config.fileNames, config.options);
  return config.fileNames.flatMap((path) => {
    const name = relative(folder, path).replaceAll(sep, '/');
    if (hot.some((place) => (place.endsWith('/') ? name.startsWith(place) : name === place))) return [];
    return program.getSemanticDiagnostics(program.getSourceFile(path)).map(({ start, messageText, file }) => {
      const { line = 0, character = 0 } = file?.getLineAndCharacterOfPosition(start ?? 0) ?? {};
      const fault = typeof messageText === 'string' ? messageText : messageText.messageText;
      return `${name}:${line + 1}:${character + 1}: ${fault}`;
    });
  });
}

function main() {
  const faults = uncheckedAccesses(join(root, 'tsconfig.json'), hotPlaces);
  if (faults.length === 0) return;
  console.error(`indexed accesses that may find nothing:\n${faults.join('\n')}`);
  process.exitCode = 1;
}

if (import.meta.filename === process.argv[1]) main();
