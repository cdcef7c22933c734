import type { Instances } from '../core/result.js';
import { type FrameTracks, trackIdOf } from '../core/tracks.js';

/** Red, green and blue, 0..255. */
export type Rgb = readonly [number, number, number];

/** Okabe and Ito's eight without black, which stay apart for colour-blind eyes, the brightest first. */
const firstColours: readonly Rgb[] = [
  [230, 159, 0],
  [86, 180, 233],
  [0, 190, 135],
  [240, 228, 66],
  [213, 94, 0],
  [204, 121, 167],
  [60, 130, 235],
];

/** Turns of the colour wheel between neighbours: the golden ratio keeps any number of them apart. */
const goldenTurn = 0.618_033_988_75;

function hsv(hueTurns: number, saturation: number, value: number): Rgb {
  const channel = (offset: number) => {
    const k = (offset + hueTurns * 6) % 6;
    return Math.round(255 * value * (1 - saturation * Math.max(0, Math.min(k, 4 - k, 1))));
  };
  return [channel(5), channel(3), channel(1)];
}

/**
 * The colour of a class: always the same, bright enough for dark scenes and saturated enough for bright ones.
 *
 * @internal Exported for tests.
 */
export function classColour(classId: number): Rgb {
  const first = firstColours[classId];
  if (first !== undefined) return first;
  return hsv((classId * goldenTurn) % 1, classId % 2 === 0 ? 0.75 : 0.55, classId % 3 === 0 ? 0.8 : 0.95);
}

/**
 * The colour of the nth instance of a class in a picture: shades of the class colour, so that neighbours of one
 * class are told apart.
 *
 * @internal Exported for tests.
 */
export function instanceColour(classId: number, ordinal: number): Rgb {
  const colour = classColour(classId);
  const shade = [0, 0.3, -0.25, 0.5, -0.4][ordinal % 5]!;
  const towards = shade > 0 ? 255 : 0;
  const mix = (value: number) => Math.round(value + (towards - value) * Math.abs(shade));
  return [mix(colour[0]), mix(colour[1]), mix(colour[2])];
}

/** The colours of the instances of a picture; that of a track is the same in every picture. */
export function instanceColours(
  { count, classIds }: Pick<Instances, 'count' | 'classIds'>,
  tracks: Pick<FrameTracks, 'ids'> | null,
): Rgb[] {
  const ordinals = new Map<number, number>();
  return Array.from({ length: count }, (_, i) => {
    const classId = classIds[i]!;
    const trackId = trackIdOf(tracks, i);
    if (trackId > 0) return instanceColour(classId, trackId);
    const ordinal = ordinals.get(classId) ?? 0;
    ordinals.set(classId, ordinal + 1);
    return instanceColour(classId, ordinal);
  });
}

function linearLight(value: number): number {
  const share = value / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}

/** Black or white, whichever contrasts more with a colour; at least 4.5 to 1 by the measure of WCAG 2. */
export function textColourOn([red, green, blue]: Rgb): 'black' | 'white' {
  const luminance = 0.2126 * linearLight(red) + 0.7152 * linearLight(green) + 0.0722 * linearLight(blue);
  // Where (luminance + 0.05) / 0.05 equals 1.05 / (luminance + 0.05).
  return luminance > 0.179 ? 'black' : 'white';
}
