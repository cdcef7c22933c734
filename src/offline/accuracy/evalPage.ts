import { escapeMarkup } from '../../core/markup.js';
import { pageStyle } from '../../core/pageStyle.js';
import { stageNames } from '../../core/result.js';
import { counted } from '../../core/words.js';
import { confusionScore } from '../../evaluate/confusion.js';
import { matchIou } from '../../evaluate/evaluate.js';
import { describeProtocol } from './describe.js';
import { evalStyle } from './evalStyle.js';
import { type Evaluated, objectCounts, ofCategory } from './figuresFile.js';
import type { ModelFigures } from './modelFigures.js';
import type { WorstPicture } from './worstPictures.js';

type Figure = number | null | undefined;

const decimals = 3;
const text = (cell: string) => `<td>${escapeMarkup(cell)}</td>`;
/** @param kind Further classes of style, each with a space before it. */
const number = (cell: string, kind = '') => `<td class="number${kind}">${cell}</td>`;
const ap = (value: Figure, kind = '') =>
  number(value === null || value === undefined ? '–' : value.toFixed(decimals), kind);

/** How far a figure is from that of the first model; nothing where one of them is not defined. */
function difference(value: Figure, first: Figure): string {
  if (value === null || value === undefined || first === null || first === undefined) return number('');
  const change = Number((value - first).toFixed(decimals));
  if (change === 0) return number((0).toFixed(decimals));
  const [sign, side] = change > 0 ? ['+', 'more'] : ['', 'less'];
  return `<td class="number ${side}">${sign}${change.toFixed(decimals)}</td>`;
}

/** @param isMatrix With narrow columns, whose headings stand upright. */
function table(headings: readonly string[], rows: readonly string[], isMatrix = false): string {
  const cells = headings.map((heading, index) =>
    index === 0 ? `<th>${escapeMarkup(heading)}</th>` : `<th class="number">${escapeMarkup(heading)}</th>`,
  );
  return wrappedTable(`<tr>${cells.join('')}</tr>`, rows, isMatrix ? ' class="matrix"' : '');
}

function wrappedTable(head: string, rows: readonly string[], attributes = ''): string {
  const body = rows.map((cellsOfRow) => `<tr>${cellsOfRow}</tr>`).join('\n');
  return `<div class="scroll"><table${attributes}><thead>${head}</thead><tbody>\n${body}\n</tbody></table></div>`;
}

/** The models as tables name them: the first by its name, the others against it. */
function modelNames({ models }: Evaluated): string[] {
  const names = models.map(({ model }) => model.name);
  return names.map((name, index) =>
    names.indexOf(name) === names.lastIndexOf(name) ? name : `${name} (${index + 1})`,
  );
}

function summary(evaluated: Evaluated): string {
  const names = modelNames(evaluated);
  const figures = ({ ap: { bbox, segm } }: ModelFigures) => [
    ...[0, 1, 2].map((at) => bbox.stats[at]),
    ...[0, 1, 2].map((at) => segm.stats[at]),
  ];
  const first = figures(evaluated.models[0]!);
  const rows = evaluated.models.flatMap((one, index) => {
    const row =
      text(names[index]!) +
      figures(one)
        .map((value) => ap(value))
        .join('');
    if (index === 0) return [row];
    const against = figures(one).map((value, at) => difference(value, first[at]));
    return [row, text(`– against ${names[0]}`) + against.join('')];
  });
  return table(['model', 'box AP', 'AP50', 'AP75', 'mask AP', 'AP50', 'AP75'], rows);
}

function bySize(evaluated: Evaluated): string {
  const names = modelNames(evaluated);
  const headings = ['box AP small', 'medium', 'large', 'mask AP small', 'medium', 'large'];
  const rows = evaluated.models.map(({ ap: { bbox, segm } }, index) => {
    const figures = [...[3, 4, 5].map((at) => bbox.stats[at]), ...[3, 4, 5].map((at) => segm.stats[at])];
    return text(names[index]!) + figures.map((value) => ap(value)).join('');
  });
  return table(['model', ...headings], rows);
}

/** The columns of each model stand below its name. */
function classHead(evaluated: Evaluated): string {
  const names = modelNames(evaluated);
  const figures = (index: number) => [
    ...['box AP', 'AP50', 'mask AP', 'AP50'],
    ...(index === 0 ? [] : ['box difference', 'mask difference']),
  ];
  const ofModels = names.map(
    (name, index) => `<th class="group" colspan="${figures(index).length}">${escapeMarkup(name)}</th>`,
  );
  const columns = names.flatMap((_, index) =>
    figures(index).map((word, at) => `<th class="number${at === 0 ? ' group' : ''}">${word}</th>`),
  );
  return `<tr><th></th><th></th>${ofModels.join('')}</tr>
<tr><th>class</th><th class="number">objects</th>${columns.join('')}</tr>`;
}

function byClass(evaluated: Evaluated): string {
  const objects = objectCounts(evaluated);
  const rows = evaluated.file.categories.flatMap(({ id, name }) => {
    if (objects.get(id) === 0) return [];
    const first = evaluated.models[0]!.ap;
    const [firstBox, firstMask] = [ofCategory(first.bbox, id), ofCategory(first.segm, id)];
    const cells = evaluated.models.map(({ ap: { bbox, segm } }, index) => {
      const [box, mask] = [ofCategory(bbox, id), ofCategory(segm, id)];
      const figures =
        ap(box.ap, ' group') + [box.ap50, mask.ap, mask.ap50].map((value) => ap(value)).join('');
      if (index === 0) return figures;
      return figures + difference(box.ap, firstBox.ap) + difference(mask.ap, firstMask.ap);
    });
    return [text(name) + number(String(objects.get(id))) + cells.join('')];
  });
  return wrappedTable(classHead(evaluated), rows);
}

function speed(evaluated: Evaluated): string {
  const names = modelNames(evaluated);
  const rows = evaluated.models.map(({ speed: { picturesPerS, stageTimesMs } }, index) => {
    const times = stageNames.map((stage) => number(stageTimesMs[stage].toFixed(1)));
    return (
      text(names[index]!) + number(picturesPerS === null ? '–' : picturesPerS.toFixed(1)) + times.join('')
    );
  });
  return table(['model', 'pictures/s', ...stageNames.map((stage) => `${stage} ms`)], rows);
}

/** Only classes that something was taken for, or that were taken for something. */
function confusionTable({ confusion: { counts } }: ModelFigures, classNames: readonly string[]): string {
  const background = classNames.length;
  const seen = classNames
    .map((_, index) => index)
    .filter((index) => counts[index]!.some((count) => count > 0) || counts.some((row) => row[index]! > 0));
  const nameOf = (index: number) => (index === background ? 'background' : classNames[index]!);
  const all = [...seen, background];
  const rows = all.map((object) => {
    const cells = all.map((found) => {
      const count = counts[object]![found]!;
      const kind = object === found ? ' right' : ' wrong';
      return `<td class="number${count > 0 ? kind : ''}">${count > 0 ? count : ''}</td>`;
    });
    return text(nameOf(object)) + cells.join('');
  });
  return table(['object \\ found as', ...all.map(nameOf)], rows, true);
}

function figure(jpeg: Uint8Array, caption: string): string {
  const data = Buffer.from(jpeg).toString('base64');
  return `<figure><img alt="${escapeMarkup(caption)}" src="data:image/jpeg;base64,${data}"><figcaption>${escapeMarkup(caption)}</figcaption></figure>`;
}

function worstPart(evaluated: Evaluated, worst: readonly WorstPicture[]): string {
  const names = modelNames(evaluated);
  if (worst.length === 0) return '<p>No mistake in any picture.</p>';
  return worst
    .map(({ fileName, objects, truth, found }) => {
      const figures = found.map(({ jpeg, mistakes, count }, index) =>
        figure(jpeg, `${names[index]}: ${counted(mistakes, 'mistake')}, ${count} found`),
      );
      const annotated = figure(truth, `annotated: ${counted(objects, 'object')}`);
      return `<h3>${escapeMarkup(fileName)}</h3><div class="pictures">${[annotated, ...figures].join('\n')}</div>`;
    })
    .join('\n');
}

/** The evaluation as one HTML page that needs nothing else: no script, no font, no picture from outside. */
export function evalPage(evaluated: Evaluated, worst: readonly WorstPicture[]): string {
  const { models, file, pictures, skipped, versions } = evaluated;
  const names = modelNames(evaluated);
  const classNames = file.categories.map(({ name }) => name);
  const objects = [...objectCounts(evaluated).values()].reduce((sum, count) => sum + count, 0);
  const title = escapeMarkup(evaluated.title);
  const leftOut =
    skipped.length === 0
      ? ''
      : `<p class="warning">${counted(skipped.length, 'listed picture')} left out: ${escapeMarkup(skipped.map(({ fileName }) => fileName).join(', '))}</p>`;
  const said = models
    .map(({ ap: { bbox, segm } }, index) => {
      const lines = ['boxes', ...bbox.lines, '', 'masks', ...segm.lines].join('\n');
      return `<details><summary>${escapeMarkup(names[index]!)}</summary><pre>${escapeMarkup(lines)}</pre></details>`;
    })
    .join('\n');
  const matrices = models
    .map((one, index) => `<h3>${escapeMarkup(names[index]!)}</h3>${confusionTable(one, classNames)}`)
    .join('\n');
  const rule = `Scores above ${confusionScore}. An object and a detection belong together from a mask IoU of ${matchIou} on, the best first, each once; those of the same class go first. Row: what it is; column: what it is found as. Background as row: nothing is there; as column: not found. Detections of nothing within a crowd of their class are not counted.`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${pageStyle}${evalStyle}</style>
</head>
<body>
<h1>${title}</h1>
<p class="lead">${counted(pictures.length, 'picture')} with ${counted(objects, 'object')} of ${escapeMarkup(evaluated.truthPath)}. ${escapeMarkup(describeProtocol(evaluated))} Figures by pycocotools ${escapeMarkup(versions.pycocotools)}.</p>
${leftOut}
${summary(evaluated)}
<h2>By size of objects</h2>
<p class="lead">Small: area below 32², medium: below 96², large: from 96² pixels on.</p>
${bySize(evaluated)}
<h2>Speed</h2>
<p class="lead">Pictures per second of this run, reading and decoding of files included; mean times per picture.</p>
${speed(evaluated)}
<h2>By class</h2>
${byClass(evaluated)}
<h2>Confusion</h2>
<p class="lead">${rule}</p>
${matrices}
<h2>The pictures with most mistakes</h2>
<p class="lead">By the rule of the confusion: objects not found, found as another class, and detections of nothing${models.length > 1 ? `, of ${escapeMarkup(names[0]!)}` : ''}.</p>
${worstPart(evaluated, worst)}
<h2>In the words of pycocotools</h2>
${said}
</body>
</html>
`;
}
