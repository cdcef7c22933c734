import { readLogLines } from '../text/logLines.js';

/**
 * The scales of the Dequantize nodes that hb_model_modifier took off, by the nodes' names: what turns the integers into
 * real values, per channel or one for all.
 */
export function readRemovedScales(modifierLog: string): ReadonlyMap<string, readonly number[]> {
  const scales = new Map<string, readonly number[]>();
  for (const { text } of readLogLines(modifierLog)) {
    const match = /^Node (.+) info: .*\bscale: \[([^\]]*)\]/.exec(text);
    if (match !== null) scales.set(match[1]!, match[2]!.split(',').map(Number));
  }
  return scales;
}
