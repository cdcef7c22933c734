import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';

const module = fileURLToPath(new URL('../../../dist/files/interruption.js', import.meta.url));

/** A process that does work, given as the body of a function of `signal`, and prints what came of it. */
function start(work: string) {
  const script = `
    const { interruptible } = await import(${JSON.stringify(module)});
    process.on('exit', () => console.log('exit'));
    const stay = setInterval(() => {}, 1000);
    const aborted = (signal) => new Promise((resolve) => signal.addEventListener('abort', resolve));
    await interruptible(async (signal) => { ${work} }).then(console.log, ({ message }) => console.log(message));
    clearInterval(stay);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script]);
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines: string[] = [];
  child.stdout.on('data', (data: Buffer) => lines.push(...data.toString().trim().split('\n')));
  const has = async (line: string) => {
    while (!lines.includes(line)) await once(child.stdout, 'data');
  };
  return { child, lines, has, closed: once(child, 'close') };
}

describe('work that is interrupted', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('puts things in order after %s', async (signal) => {
    const { child, lines, has, closed } = start(
      "console.log('at work'); await aborted(signal); console.log('in order');",
    );
    await has('at work');
    child.kill(signal);
    expect(await closed).toEqual([0, null]);
    expect(lines).toEqual(['at work', 'in order', `interrupted by ${signal}`, 'exit']);
  });

  it.each([
    ['SIGINT', 'SIGINT'],
    ['SIGTERM', 'SIGINT'],
  ] as const)(
    'ends at once where it does not come to an end after %s, and %s follows',
    async (first, second) => {
      const { child, lines, has, closed } = start(
        "console.log('at work'); await aborted(signal); console.log('aborted'); await new Promise(() => {});",
      );
      await has('at work');
      child.kill(first);
      await has('aborted');
      // What comes soon behind the first is the same press of Ctrl-C.
      const again = setInterval(() => child.kill(second), 50);
      expect(await closed).toEqual([null, second]);
      clearInterval(again);
      expect(lines).toEqual(['at work', 'aborted']);
    },
  );

  it('takes one Ctrl-C for one where npm passes on what the terminal has sent already', async () => {
    const { lines, closed } = start(`
      process.kill(process.pid, 'SIGINT');
      process.kill(process.pid, 'SIGINT');
      await aborted(signal);
      // Both have come when what was begun behind them is done.
      await new Promise((resolve) => setTimeout(resolve, 50));
      console.log('in order');`);
    expect(await closed).toEqual([0, null]);
    expect(lines).toEqual(['in order', 'interrupted by SIGINT', 'exit']);
  });
});
