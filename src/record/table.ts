import { basename } from 'node:path';
import { percentile } from '../core/percentile.js';
import { stageNames } from '../core/result.js';
import { layTable } from '../core/table.js';
import type { CameraLog } from './cameraLog.js';
import { type Evaluation, matchIou, type VisibilityRule } from '../evaluate/evaluate.js';
import type { IdentityFigures } from '../evaluate/identity.js';
import type { NodeFigures } from './nodeFigures.js';
import type { OutputCount, RateKey, ReportKey, TimesPrefix } from '../ros2/reportKeys.js';
import { framewiseOutputs, type ObservedOutputs } from './observedOutputs.js';

/** One line of the table; an empty group continues the one above. */
export type TableRow = readonly [group: string, name: string, value: string];

function milliseconds(p50: number | null, p95: number | null): string {
  const text = (value: number | null) => (value === null ? '-' : value.toFixed(1));
  return `${text(p50)} / ${text(p95)} ms`;
}

function share(value: number | null): string {
  return value === null ? '-' : value.toFixed(3);
}

/** What the node reports; only rows whose figures are there. */
export function nodeRows(figures: NodeFigures): TableRow[] {
  if (figures.isEmpty) return [['node', 'diagnostics', 'none received']];
  const text = (key: ReportKey) => figures.text(key) ?? '-';
  const pair = (prefix: TimesPrefix) =>
    milliseconds(figures.number(`${prefix}.p50`), figures.number(`${prefix}.p95`));
  const rate = (key: RateKey) => {
    const rateHz = figures.rateHz(key);
    return rateHz === null ? '' : `, median ${rateHz.toFixed(1)} Hz`;
  };
  const outputs = figures.startingWith('output.').filter(([, count]) => count !== '0');
  const counts = (kind: OutputCount) =>
    outputs
      .filter(([name]) => name.endsWith(kind))
      .map(([name, count]) => `${name.slice(0, -kind.length)} ${count}`);
  const handedOver = counts('.handed_over').join(', ');
  const refused = counts('.refused').join(', ');
  const drops = figures.startingWith('dropped.').map(([reason, count]) => `${reason} ${count}`);
  const rows: TableRow[] = [
    ['node', 'model', `${basename(text('model'))} on ${text('backend')}`],
    ['', 'counted', 'up to its last status on /diagnostics; the recorder may have heard later messages'],
    ['', 'frames in', `${text('frames_in')}${rate('rate_in_hz')}`],
    ['', 'frames out', `${text('frames_out')}${rate('rate_out_hz')}`],
    ['', 'handed to the middleware', handedOver === '' ? 'nothing' : handedOver],
    ...(refused === '' ? [] : [['', 'refused by the middleware', refused] as const]),
    ['', 'dropped', drops.length === 0 ? 'none' : drops.join(', ')],
    [
      '',
      'input',
      `loaned ${text('input.loaned')}, copied ${text('input.copied')}, superseded before JavaScript ${text('input.superseded_native')}, lost ${text('input.lost')}`,
    ],
    ['', 'frame age at publish, p50 / p95', pair('age_ms')],
  ];
  const shown = new Set(figures.startingWith('stage_ms.').map(([key]) => key));
  for (const stage of stageNames.filter((one) => shown.has(`${one}.p50`))) {
    rows.push(['', `stage ${stage}, p50 / p95`, pair(`stage_ms.${stage}`)]);
  }
  rows.push(['', 'event-loop lag, p50 / p95', pair('event_loop_lag_ms')]);
  return rows;
}

/** What came from the node's outputs. */
export function observedRows(observed: ObservedOutputs): TableRow[] {
  const { stamps, detectionAgesMs } = observed;
  const missing = framewiseOutputs.map((name) => `${name} ${observed.missing(name) ?? 'none came at all'}`);
  return [
    [
      'recorder',
      'messages',
      `detections ${stamps.detections.length}, masks ${stamps.masks.length}, overlays ${stamps.overlay.length}`,
    ],
    ['', 'missing, by the stamps of the other outputs', missing.join(', ')],
    [
      '',
      'stamp to detections here, p50 / p95',
      milliseconds(percentile(detectionAgesMs, 0.5), percentile(detectionAgesMs, 0.95)),
    ],
  ];
}

/** What the camera says it sent. */
export function cameraRows(camera: CameraLog): TableRow[] {
  const sent = camera.loaned + camera.copied;
  const rate = camera.rateHz === null ? '' : `, ${camera.rateHz.toFixed(1)} Hz`;
  return [['camera', 'frames sent', `${sent}${rate}, loaned ${camera.loaned}, copied ${camera.copied}`]];
}

/** How well the masks agree with the ground truth. */
export function evaluationRows(evaluation: Evaluation, rule: VisibilityRule): TableRow[] {
  const { objects, matched, clearlyVisible, clearlyVisibleFound } = evaluation;
  const classes = Object.entries(evaluation.foundByClass).map(([name, count]) => `${name} ${count}`);
  const crowds =
    evaluation.inCrowds === 0 ? '' : `, and ${evaluation.inCrowds} in crowds, which do not count`;
  const visible = `${rule.minLongerSidePx.toFixed(0)} px or longer, at least ${rule.minVisibleFraction * 100} % in view, not cut by the border`;
  return [
    ['accuracy', 'frames compared', `${evaluation.frames}, masks of the ground truth`],
    ['', 'found, by class', classes.join(', ')],
    [
      '',
      `all objects matched (IoU >= ${matchIou})`,
      `${matched} of ${objects}, mean IoU ${share(evaluation.matchedIou)}`,
    ],
    ['', 'found without an object', `${evaluation.unmatchedFound}${crowds}`],
    ['', 'clearly visible means', visible],
    [
      '',
      'clearly visible objects found',
      `${clearlyVisibleFound} of ${clearlyVisible}, recall ${share(evaluation.recall)}`,
    ],
    ['', 'their mask IoU, missed ones as 0', share(evaluation.clearlyVisibleIou)],
  ];
}

/** How well objects kept their identity. */
export function identityRows({ objects, tracked, idf1, switches }: IdentityFigures): TableRow[] {
  return [
    ['identity', 'objects, and tracks of them', `${objects}, ${tracked}`],
    ['', 'IDF1', share(idf1)],
    ['', 'switches of tracks', String(switches)],
  ];
}

/** Aligned columns. */
export function formatTable(rows: readonly TableRow[]): string {
  return layTable(rows, { indent: '' }).join('\n');
}
