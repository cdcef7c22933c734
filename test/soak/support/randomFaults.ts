/** Statuses of libdnn that mean one task only: RUN_TASK_FAILED and TASK_NUM_EXCEED_LIMIT. */
const taskStatuses = [-6000012, -6000009] as const;

type Rule = (at: number, random: () => number) => string;

/** Faults of the Nth task that cost frames only. */
const ofFrames: readonly Rule[] = [
  (at, random) => `hbDNNInfer ${at} ${taskStatuses[Math.floor(random() * 2)]}`,
  (at, random) => `hbDNNInfer ${at} late ${Math.floor(random() * 160)}`,
  (at, random) => `hbDNNInfer ${at} jam ${Math.floor(random() * 160)}`,
  (at) => `hbDNNWaitTaskDone ${at} -6000012`,
];

/** Faults of the Nth call that may end a session. A task that hangs never ends. */
const ofSessions: readonly Rule[] = [
  (at) => `hbDNNInfer ${at} begun -6000012`,
  (at, random) => `hbDNNInfer ${at} hang ${Math.floor(random() * 160)}`,
  (at) => `hbDNNWaitTaskDone ${at} -6000014`,
  (at) => `hbDNNReleaseTask ${at} -6000001`,
  (at) => `hbSysFlushMem.CLEAN ${at} -1`,
  (at) => `hbSysFlushMem.INVALIDATE ${at * 10} -1`,
];

/** Calls of one kind that an opening makes at most: the caches of all slots are cleaned. */
const afterOpening = 150;

/** Faults of an opening, of which a model must be refused with everything given back. */
const openings = [
  'hbDNNInitializeFromFiles 1 -6000002',
  'hbDNNGetModelNameList 1 null',
  'hbDNNGetModelHandle 1 -6000001',
  'hbDNNGetInputCount 1 -6000001',
  'hbDNNGetInputTensorProperties 1 -6000001',
  'hbDNNGetOutputTensorProperties 3 -6000001',
  'hbSysAllocCachedMem 5 -3',
  'hbSysAllocCachedMem 2 skewed',
  'hbDNNInfer 1 -6000012',
] as const;

/** The settings of a model of fakednn that fails now and then, or cannot be opened at all (`opens` false). */
export function randomFaults(random: () => number): { settings: string[]; opens: boolean } {
  if (random() < 0.2) {
    const fault = openings[Math.floor(random() * openings.length)]!;
    return { settings: [`fault: ${fault}`], opens: false };
  }
  const pick = (rules: readonly Rule[], at: number) =>
    `fault: ${rules[Math.floor(random() * rules.length)]!(at, random)}`;
  const settings: string[] = [];
  for (let at = afterOpening; at < 3000; at += 1 + Math.floor(random() * 60))
    settings.push(pick(ofFrames, at));
  for (
    let at = afterOpening + Math.floor(random() * 1500);
    at < 3000;
    at += 1 + Math.floor(random() * 1500)
  ) {
    settings.push(pick(ofSessions, at));
  }
  return { settings, opens: true };
}
