/** Values of a row's box, whatever they mean: centre and size in decoded rows, two corners in finished results. */
export const boxValues = 4;

/** Where the values of a decoded row stand: the box, a probability of each class, coefficients. */
export interface DecodedRow {
  readonly firstClass: number;
  readonly firstCoef: number;
  readonly valueCount: number;
}

/** The row of one cell as a stock export decodes it. */
export function decodedRowOf(classCount: number, coefCount: number): DecodedRow {
  const firstCoef = boxValues + classCount;
  return { firstClass: boxValues, firstCoef, valueCount: firstCoef + coefCount };
}

/** Where the values of a finished result stand: the box, its probability, its class id, coefficients. */
export const resultRow = { prob: boxValues, classId: boxValues + 1, firstCoef: boxValues + 2 } as const;
