import type { LogLine } from '../text/logLines.js';
import { describeRunEnd, readRunEnd } from './runEnd.js';

/** What a text is that the commands for logs of hb_mapper do not read; null if it is none of the known ones. */
export function foreignText(lines: readonly LogLine[]): string | null {
  if (lines.some(({ text }) => /^\[model name\]:/.test(text))) {
    return 'it is the text of hrt_model_exec; try `rdk-yolo-seg model info`';
  }
  const isCompile = lines.some(({ text }) => /\bhb_compile(?: version\b|\.\.\.| --?\w)/.test(text));
  if (!isCompile || lines.some(({ text }) => /\bhb_mapper version\b/.test(text))) return null;
  const end = describeRunEnd(readRunEnd(lines));
  const what =
    'it is a log of hb_compile, the compiler for the S100 family; the RDK X5 takes models of hb_mapper';
  return end === '' ? what : `${what} (${end})`;
}
