import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, it } from 'vitest';

const setUp = new URL('../../../scripts/vitestRos.mjs', import.meta.url).href;
const processes: ChildProcess[] = [];

/** A test process of which the domain is known; it goes on until its standard input ends. */
async function startOne(pid: number) {
  const code = `Object.defineProperty(process, 'pid', { value: ${pid} });
    await import('${setUp}');
    console.log(process.env.ROS_DOMAIN_ID);
    process.stdin.resume();`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  processes.push(child);
  const [line] = (await once(child.stdout!, 'data')) as [Buffer];
  return { child, domain: Number(line.toString()) };
}

afterEach(async () => {
  for (const child of processes.splice(0)) {
    child.stdin!.end();
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
});

it('test processes whose ids ask for one domain get one each, and one that was killed gives its back', async () => {
  const first = await startOne(5);
  const second = await startOne(5 + 101);
  const third = await startOne(5 + 202);
  const domains = [first.domain, second.domain, third.domain];
  expect(new Set(domains).size).toBe(3);
  for (const domain of domains) expect(domain >= 1 && domain <= 101).toBe(true);
  second.child.kill('SIGKILL');
  await once(second.child, 'exit');
  expect((await startOne(second.domain - 1)).domain).toBe(second.domain);
});
