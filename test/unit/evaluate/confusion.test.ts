import { describe, expect, it } from 'vitest';
import { Confusion } from '#dist/evaluate/confusion.js';
import type { TruthPicture } from '#dist/evaluate/groundTruth.js';
import { type LabelledMask, packMasks } from '#dist/evaluate/labelledMasks.js';

/** A filled rectangle of 10x10 pixels as mask of a class. */
function square(classId: number, x1: number, y1 = 0): LabelledMask {
  const spans = Array.from({ length: 10 }, (_, row) => [y1 + row, x1, x1 + 10]).flat();
  return {
    classId,
    score: 1,
    boxImage: { x1, y1, x2: x1 + 10, y2: y1 + 10 },
    spans: Uint16Array.from(spans),
  };
}

function picture(objects: readonly LabelledMask[], crowds: readonly LabelledMask[] = []): TruthPicture {
  const visibility = objects.map(() => ({ longerSidePx: 10, visibleFraction: 1, cut: false }));
  return { widthPx: 200, heightPx: 100, objects: packMasks(objects), visibility, crowds: packMasks(crowds) };
}

/** Rows and columns: class 0, class 1, background. */
function confused(truth: TruthPicture, found: readonly LabelledMask[]) {
  const confusion = new Confusion(2);
  const mistakes = confusion.add(truth, packMasks(found));
  return { counts: confusion.counts, mistakes };
}

describe('confusion', () => {
  it('counts what is right, missed, invented and taken for another class', () => {
    const truth = picture([square(0, 0), square(1, 50), square(1, 100)]);
    const found = [square(0, 1), square(0, 51), square(1, 150)];
    expect(confused(truth, found)).toEqual({
      counts: [
        [1, 0, 0],
        [1, 0, 1],
        [0, 1, 0],
      ],
      mistakes: 3,
    });
  });

  it('pairs the same class before a better overlap of another one', () => {
    // The detection of class 1 lies exactly on the object, that of class 0 two pixels beside it.
    const { counts, mistakes } = confused(picture([square(0, 0)]), [square(1, 0), square(0, 2)]);
    expect(counts).toEqual([
      [1, 0, 0],
      [0, 0, 0],
      [0, 1, 0],
    ]);
    expect(mistakes).toBe(1);
  });

  it('gives the best of several detections of another class to an object, each once', () => {
    const { counts } = confused(picture([square(0, 0), square(0, 2)]), [square(1, 1), square(1, 2)]);
    expect(counts[0]).toEqual([0, 2, 0]);
    expect(counts[2]).toEqual([0, 0, 0]);
  });

  it('takes an overlap below one half for none', () => {
    // Shifted by 4: 60 of 140 pixels.
    expect(confused(picture([square(0, 0)]), [square(1, 4)]).counts).toEqual([
      [0, 0, 1],
      [0, 0, 0],
      [0, 1, 0],
    ]);
  });

  it('leaves out detections of nothing in a crowd of their class, not of another one', () => {
    const crowd = picture([], [square(0, 0), square(0, 10)]);
    expect(confused(crowd, [square(0, 5), square(1, 5)])).toEqual({
      counts: [
        [0, 0, 0],
        [0, 0, 0],
        [0, 1, 0],
      ],
      mistakes: 1,
    });
  });
});
