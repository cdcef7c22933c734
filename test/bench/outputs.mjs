// What reliable subscribers get of what the outputs publish, by stamp, and what a frame costs the publisher: depth 1
// beside the node's own depths, in turns. Needs ROS 2. Called by `npm run bench`.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const seconds = 8;
const small = {
  '/outputs/detections': 'vision_msgs/msg/Detection2DArray',
  '/hobot_dnn_detection': 'ai_msgs/msg/PerceptionTargets',
};
const large = {
  '/outputs/masks': 'rdk_yolo_seg_msgs/msg/InstanceMaskArray',
  '/outputs/label_map': 'sensor_msgs/msg/Image',
  '/outputs/overlay': 'sensor_msgs/msg/Image',
};

/** A process of this benchmark whose lines of JSON can be waited for. */
class Program {
  #lines = [];
  #wake = () => {};

  constructor(file, argument) {
    const path = fileURLToPath(new URL(`outputs/${file}.mjs`, import.meta.url));
    this.process = spawn(process.execPath, [path, JSON.stringify(argument)], {
      cwd: root,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.ended = new Promise((resolve) => this.process.once('close', resolve));
    createInterface({ input: this.process.stdout }).on('line', (line) => {
      if (!line.startsWith('{')) return;
      this.#lines.push(JSON.parse(line));
      this.#wake();
    });
  }

  /** The next line that it says; throws where it ends first. */
  async says() {
    const ended = this.ended.then((code) => {
      throw new Error(`${this.process.spawnargs[1]} ended with ${code}`);
    });
    ended.catch(() => {});
    while (this.#lines.length === 0) {
      await Promise.race([new Promise((resolve) => (this.#wake = resolve)), ended]);
    }
    return this.#lines.shift();
  }

  async end() {
    this.process.stdin.end();
    await this.ended;
  }
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Jiffies of all cores since boot: busy and all. */
function coreTimes() {
  const times = readFileSync('/proc/stat', 'utf8').split('\n')[0].split(/\s+/).slice(1, 9).map(Number);
  const all = times.reduce((sum, time) => sum + time, 0);
  return { busy: all - times[3] - times[4], all };
}

const quantile = (values, share) =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))];

async function measure({ rateHz, depth, subscriberTopics }) {
  const frames = Math.max(40, rateHz * seconds);
  const publisher = new Program('publisher', { rateHz, frames, depth });
  const subscribers = subscriberTopics.map((topics) => new Program('subscriber', topics));
  try {
    await Promise.all(subscribers.map((subscriber) => subscriber.says()));
    const before = coreTimes();
    publisher.process.stdin.write('go\n');
    const { stamps, tookMs, cpuMs, memoryMb } = await publisher.says();
    const after = coreTimes();
    await pause(4000);
    const seen = await Promise.all(
      subscribers.map(async (subscriber) => {
        subscriber.process.stdin.end();
        return (await subscriber.says()).seen;
      }),
    );
    const lost = {};
    const ages = [];
    for (const topics of seen) {
      for (const [topic, { stamps: got, ageMs }] of Object.entries(topics)) {
        const here = new Set(got);
        const missing = topic === '/outputs/overlay' ? 0 : stamps.filter((stamp) => !here.has(stamp)).length;
        const name = topic.split('/').at(-1);
        lost[name] = (lost[name] ?? 0) + missing;
        const counted = new Set(stamps);
        for (const [i, stamp] of got.entries()) if (counted.has(stamp)) ages.push(ageMs[i]);
      }
    }
    return {
      frames,
      lost: JSON.stringify(lost),
      ageMsP95: quantile(ages, 0.95),
      ageMsMax: quantile(ages, 1),
      tookMs: quantile(tookMs, 0.5),
      tookMsP95: quantile(tookMs, 0.95),
      cpuMs,
      memoryMb,
      busyCores: (2 * (after.busy - before.busy)) / (after.all - before.all),
    };
  } finally {
    await publisher.end();
    await Promise.all(subscribers.map((subscriber) => subscriber.end()));
  }
}

export async function run() {
  const rows = [];
  for (const [many, rateHz] of JSON.parse(process.env.CASES ?? '[[1,6],[1,30],[1,90]]')) {
    for (const depth of JSON.parse(process.env.DEPTHS ?? '[1,10]')) {
      const all = { ...small, ...large };
      const subscriberTopics = Array.from({ length: many }, (_, i) => (i === 0 || process.env.ALL ? all : small));
      const row = await measure({ rateHz, depth, subscriberTopics });
      rows.push({ name: `${many} x ${rateHz} Hz depth ${depth}`, ...row });
      console.error(rows.at(-1).name, row.frames, row.lost, 'age', row.ageMsP95.toFixed(0), row.ageMsMax.toFixed(0), 'took', row.tookMs.toFixed(2), row.tookMsP95.toFixed(2), 'cpu', row.cpuMs.toFixed(2), 'MB', row.memoryMb.toFixed(0), 'busy', row.busyCores.toFixed(2));
    }
  }
  return rows;
}
