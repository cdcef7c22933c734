import { ConfigError } from '../../core/errors.js';
import { counted } from '../../core/words.js';
import type { CocoFile } from '../../evaluate/cocoFile.js';

const shownNames = 8;

function listed(names: readonly string[]): string {
  const shown = names.slice(0, shownNames).map((name) => JSON.stringify(name));
  return shown.join(', ') + (names.length > shownNames ? `, ... (${names.length})` : '');
}

/**
 * The id of the category for each class of a model, by name: ids of categories have gaps.
 *
 * Throws ConfigError `ground_truth` where the two lists of names are not the same: AP would count what a model cannot know
 * as missed.
 */
export function categoryIdsOf(
  { categories }: CocoFile,
  path: string,
  { path: modelPath, classNames }: { readonly path: string; readonly classNames: readonly string[] },
): number[] {
  const names = categories.map(({ name }) => name);
  const twice = [...names, ...classNames].find(
    (name) =>
      names.filter((one) => one === name).length > 1 || classNames.filter((one) => one === name).length > 1,
  );
  if (twice !== undefined) {
    const what = `"${twice}" is the name of two categories of ${path} or two classes of ${modelPath}: which is which cannot be told`;
    throw new ConfigError('ground_truth', what, { path, modelPath });
  }
  const noCategory = classNames.filter((name) => !names.includes(name));
  const noClass = names.filter((name) => !classNames.includes(name));
  if (noCategory.length + noClass.length > 0) {
    const parts = [
      ...(noCategory.length > 0 ? [`classes without a category: ${listed(noCategory)}`] : []),
      ...(noClass.length > 0 ? [`categories without a class: ${listed(noClass)}`] : []),
    ];
    const what = `the ${counted(classNames.length, 'class', 'classes')} of ${modelPath} and the ${counted(names.length, 'category', 'categories')} of ${path} differ: ${parts.join('; ')}`;
    throw new ConfigError(
      'ground_truth',
      `${what} (--class-names names the classes; coco stands for those of COCO)`,
      { path, modelPath },
    );
  }
  return classNames.map((name) => categories[names.indexOf(name)]!.id);
}
