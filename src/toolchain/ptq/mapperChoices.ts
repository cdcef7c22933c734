/** Processors of the vendor's boards: X3, Ultra, X5. */
export const marches = ['bernoulli2', 'bayes', 'bayes-e'] as const;
/** A chip that hb_mapper compiles for. */
export type March = (typeof marches)[number];
/** That of the RDK X5, whose models the node runs. */
export const nodeMarch = 'bayes-e' satisfies March;

/** How much the compiler optimises, the least first. */
export const optimizeLevels = ['O0', 'O1', 'O2', 'O3'] as const;
/** O0 for trials, O3 for the fastest program. */
export type OptimizeLevel = (typeof optimizeLevels)[number];

/** What the compiler may optimise for. */
export const compileModes = ['latency', 'bandwidth', 'balance'] as const;
/** What a program is compiled for. */
export type CompileMode = (typeof compileModes)[number];

/** With compile mode balance: from the least DDR traffic to the shortest time. */
export const balanceFactors = { from: 0, to: 100 } as const;

/** What the quantised model takes: NV12 as the node feeds it, or RGB planes as Python samples do. */
export const ptqInputs = ['nv12', 'nchw'] as const;
/** One of them. */
export type PtqInput = (typeof ptqInputs)[number];

/** Element types of the calibration samples. */
export const sampleTypes = ['float32', 'uint8'] as const;
/** One of them. */
export type SampleType = (typeof sampleTypes)[number];

const searches = ['default', 'mix', 'kl', 'max'] as const;

/** The calibration types of hb_mapper's configuration. */
export const mapperCalibrations = [...searches, 'load', 'skip'] as const;

/** How ranges are found from calibration samples: a method of hb_mapper's, or `max` without the outermost values. */
export const calibrationMethods = [...searches, 'percentile'] as const;

/** The same for `model ptq`, where random numbers may stand for samples. */
export const calibrationMethodsOrNone = [...calibrationMethods, 'skip'] as const;
/** How the ranges of the integers are found; `skip` is good for timing only. */
export type CalibrationChoice = (typeof calibrationMethodsOrNone)[number];
