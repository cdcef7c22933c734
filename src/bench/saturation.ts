import type { TaskFigures } from './figures.js';

/** More tasks that add less than this share of the rate are not worth their latency. */
const worthwhileGain = 0.03;

type Rate = Pick<TaskFigures, 'tasksInFlight' | 'framesPerSecond'>;

/**
 * The first number of tasks that no larger one beats by `worthwhileGain`; null where it was not reached, which
 * takes at least one larger number to tell.
 *
 * @param levels Ascending by tasks in flight.
 */
export function saturationTasks(levels: readonly Rate[]): number | null {
  const index = levels.findIndex(({ framesPerSecond }, at) =>
    levels.slice(at + 1).every((more) => more.framesPerSecond < framesPerSecond * (1 + worthwhileGain)),
  );
  return index < 0 || index === levels.length - 1 ? null : levels[index]!.tasksInFlight;
}

function gainPercent(from: Rate, to: Rate): string {
  return ((to.framesPerSecond / from.framesPerSecond - 1) * 100).toFixed(1);
}

/** What the rates mean for `backend.tasks_in_flight`, one sentence a line. */
export function saturationAdvice(levels: readonly Rate[], backend: string): string[] {
  const tasks = saturationTasks(levels);
  const last = levels.at(-1)!;
  const lines: string[] = [];
  if (tasks !== null) {
    const at = levels.find(({ tasksInFlight }) => tasksInFlight === tasks)!;
    lines.push(
      `saturated at ${tasks}: ${at.framesPerSecond.toFixed(1)} frames/s, and no more tasks add ` +
        `${worthwhileGain * 100} %, only latency; backend.tasks_in_flight: ${tasks}`,
    );
  } else if (levels.length < 2) {
    lines.push('saturation: one number of tasks does not tell; give a range, e.g. --tasks 1..4');
  } else {
    const gain = gainPercent(levels.at(-2)!, last);
    lines.push(`not saturated: ${last.tasksInFlight} tasks still add ${gain} %; measure with more`);
  }
  if (backend !== 'bpu') return lines;
  lines.push('on the X5 two tasks usually fill the BPU; four are the most that make sense');
  const four = levels.find(({ tasksInFlight }) => tasksInFlight === 4);
  const eight = levels.find(({ tasksInFlight }) => tasksInFlight === 8);
  if (four && eight && eight.framesPerSecond >= four.framesPerSecond * (1 + worthwhileGain)) {
    lines.push(
      `8 tasks beat 4 by ${gainPercent(four, eight)} %: the model waits for memory; compile it for less DDR ` +
        'bandwidth, or change its structure to compute more per access',
    );
  }
  return lines;
}
