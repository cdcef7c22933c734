/** How a check ended; in the order in which the report counts them. */
export const outcomes = ['ok', 'warning', 'fault', 'not_applicable'] as const;

/** One of them. */
export type Outcome = (typeof outcomes)[number];

/** One line of the report. */
export interface Check {
  /** Stays the same from version to version: `cpu.clocks`. */
  readonly id: string;
  readonly outcome: Outcome;
  /** What was found: a value, or why there is none. */
  readonly found: string;
  /** What helps; null where nothing is wrong. */
  readonly remedy: string | null;
  /** The figures behind `found`, for scripts. */
  readonly details: Readonly<Record<string, unknown>>;
}

type Details = Readonly<Record<string, unknown>>;

/** All is well. */
export function ok(id: string, found: string, details: Details = {}): Check {
  return { id, outcome: 'ok', found, remedy: null, details };
}

/** The node runs, but not as well as it could. */
export function warning(id: string, found: string, remedy: string, details: Details = {}): Check {
  return { id, outcome: 'warning', found, remedy, details };
}

/** The node cannot run so, or what it says would be wrong. */
export function fault(id: string, found: string, remedy: string, details: Details = {}): Check {
  return { id, outcome: 'fault', found, remedy, details };
}

/** There is nothing here that could be checked. */
export function notApplicable(id: string, why: string): Check {
  return { id, outcome: 'not_applicable', found: why, remedy: null, details: {} };
}
