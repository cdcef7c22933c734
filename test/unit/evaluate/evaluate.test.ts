import { describe, expect, it } from 'vitest';
import { evaluate, isClearlyVisible, pairMasks, visibilityRule } from '#dist/evaluate/evaluate.js';
import type { ObjectVisibility, TruthPicture } from '#dist/evaluate/groundTruth.js';
import { type LabelledMask, packMasks } from '#dist/evaluate/labelledMasks.js';

/** A filled rectangle as mask of a class. */
function rectangle(classId: number, x1: number, y1: number, x2: number, y2: number): LabelledMask {
  const spans: number[] = [];
  for (let y = y1; y < y2; y++) spans.push(y, x1, x2);
  return { classId, score: 1, boxImage: { x1, y1, x2, y2 }, spans: Uint16Array.from(spans) };
}

const inView: ObjectVisibility = { longerSidePx: 100, visibleFraction: 1, cut: false };

function picture(objects: LabelledMask[], visibility = objects.map(() => inView)): TruthPicture {
  return { widthPx: 200, heightPx: 100, objects: packMasks(objects), visibility };
}

const classNames = ['ball', 'crate'];
const rule = { minLongerSidePx: 10, minVisibleFraction: 0.5 };

describe('matching', () => {
  it('gives each object the IoU of its output', () => {
    // 10x10 against the same shifted by 2: 80 of 120 pixels.
    const { ious } = pairMasks(
      packMasks([rectangle(0, 0, 0, 10, 10)]),
      packMasks([rectangle(0, 2, 0, 12, 10)]),
    );
    expect(ious[0]).toBeCloseTo(80 / 120, 12);
  });

  it('never matches another class', () => {
    expect(
      pairMasks(packMasks([rectangle(0, 0, 0, 10, 10)]), packMasks([rectangle(1, 0, 0, 10, 10)])).ious,
    ).toEqual([0]);
  });

  it('does not count an overlap below one half', () => {
    // 10x10 shifted by 4: 60 of 140.
    expect(
      pairMasks(packMasks([rectangle(0, 0, 0, 10, 10)]), packMasks([rectangle(0, 4, 0, 14, 10)])).ious,
    ).toEqual([0]);
    // 10 of 20 is one half.
    expect(
      pairMasks(packMasks([rectangle(0, 0, 0, 10, 2)]), packMasks([rectangle(0, 0, 0, 10, 1)])).ious,
    ).toEqual([0.5]);
  });

  it('uses each output once, the best overlap first', () => {
    // One output covers both objects of a class by more than one half; the second has none left.
    const objects = packMasks([rectangle(0, 0, 0, 10, 10), rectangle(0, 2, 0, 12, 10)]);
    const { ious } = pairMasks(objects, packMasks([rectangle(0, 1, 0, 12, 10)]));
    // Object 0: 90 of 120; object 1: 100 of 110.
    expect(ious[0]).toBe(0);
    expect(ious[1]).toBeCloseTo(100 / 110, 12);
  });

  it('gives two objects two outputs, whatever their order', () => {
    const a = rectangle(0, 0, 0, 10, 10);
    const b = rectangle(0, 50, 0, 60, 10);
    expect(pairMasks(packMasks([a, b]), packMasks([b, a])).ious).toEqual([1, 1]);
  });
});

describe('the rule of clear visibility', () => {
  it('asks for 32 model pixels, half of the object and no cut', () => {
    // 1920 to 640: one third.
    const demo = visibilityRule(1 / 3);
    expect(demo.minLongerSidePx).toBeCloseTo(96, 9);
    expect(isClearlyVisible({ longerSidePx: 97, visibleFraction: 0.5, cut: false }, demo)).toBe(true);
    expect(isClearlyVisible({ longerSidePx: 95, visibleFraction: 1, cut: false }, demo)).toBe(false);
    expect(isClearlyVisible({ longerSidePx: 500, visibleFraction: 0.49, cut: false }, demo)).toBe(false);
    expect(isClearlyVisible({ longerSidePx: 500, visibleFraction: 1, cut: true }, demo)).toBe(false);
  });
});

describe('the evaluation', () => {
  it('sums over frames by hand-counted figures', () => {
    const ball = rectangle(0, 0, 0, 10, 10);
    const crate = rectangle(1, 50, 0, 60, 10);
    const hidden = { ...inView, visibleFraction: 0.2 };
    const frames = [
      // Both found, the crate with 80 of 120.
      { picture: picture([ball, crate]), found: packMasks([ball, rectangle(1, 52, 0, 62, 10)]) },
      // The ball is missed, a ball is seen where there is none; the hidden crate is found but not asked for.
      {
        picture: picture([ball, crate], [inView, hidden]),
        found: packMasks([rectangle(0, 90, 0, 99, 9), crate]),
      },
      // Nothing found.
      { picture: picture([ball]), found: packMasks([]) },
    ];
    const result = evaluate(classNames, frames, rule);
    expect(result).toMatchObject({
      frames: 3,
      objects: 5,
      matched: 3,
      clearlyVisible: 4,
      clearlyVisibleFound: 2,
      recall: 0.5,
      unmatchedFound: 1,
      foundByClass: { ball: 2, crate: 2 },
    });
    expect(result.matchedIou).toBeCloseTo((1 + 80 / 120 + 1) / 3, 12);
    expect(result.clearlyVisibleIou).toBeCloseTo((1 + 80 / 120) / 4, 12);
  });

  it('has no figures without objects, and counts unknown classes', () => {
    const result = evaluate(
      classNames,
      [{ picture: picture([]), found: packMasks([rectangle(0xffff, 0, 0, 5, 5)]) }],
      rule,
    );
    expect(result).toMatchObject({
      matchedIou: null,
      recall: null,
      clearlyVisibleIou: null,
      unmatchedFound: 1,
    });
    expect(result.foundByClass).toEqual({ ball: 0, crate: 0, unknown: 1 });
  });
});
