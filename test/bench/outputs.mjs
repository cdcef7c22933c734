// What reliable subscribers get of what the outputs publish, by stamp, and what a frame costs the publisher: as the node
// has it beside depth 1 and the segment of Fast DDS's own size, in turns. Needs ROS 2. Called by `npm run bench`.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const seconds = 4;
const leastFrames = 30;
/** What may still be sent again after the last frame. */
const settleMs = 2000;
/** Of the subscribers. */
const queueDepth = 10;
const overlayTopic = '/outputs/overlay';
const small = {
  '/outputs/detections': 'vision_msgs/msg/Detection2DArray',
  '/outputs/hobot_dnn_detection': 'ai_msgs/msg/PerceptionTargets',
};
const large = {
  '/outputs/masks': 'rdk_yolo_seg_msgs/msg/InstanceMaskArray',
  '/outputs/label_map': 'sensor_msgs/msg/Image',
  [overlayTopic]: 'sensor_msgs/msg/Image',
};

/**
 * @typedef {Record<string, string>} Topics type by name
 * @typedef {{ stamps: string[], overlayStamps: string[], tookMs: number[], cpuMs: number, memoryMb: number }} Published
 * @typedef {Record<string, { stamps: string[], ageMs: number[] }>} Seen stamps and their ages on arrival, by topic
 */

/** A process of this benchmark whose lines of JSON can be waited for. */
class Program {
  /** @type {unknown[]} said and not yet taken */
  #lines = [];
  /** @type {(value?: undefined) => void} */
  #wake = () => {};

  /**
   * @param {'publisher' | 'subscriber'} file
   * @param {unknown} argument
   * @param {NodeJS.ProcessEnv} env added to this process's own
   */
  constructor(file, argument, env) {
    const path = fileURLToPath(new URL(`outputs/${file}.mjs`, import.meta.url));
    this.process = spawn(process.execPath, [path, JSON.stringify(argument)], {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.ended = new Promise((resolve) => this.process.once('close', resolve));
    createInterface({ input: this.process.stdout }).on('line', (line) => {
      if (!line.startsWith('{')) return;
      this.#lines.push(JSON.parse(line));
      this.#wake();
    });
  }

  /**
   * The next line that it says; throws where it ends first.
   *
   * @returns {Promise<any>} as JSON.parse gives it
   */
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

/** @param {number} ms */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * @param {readonly number[]} values
 * @param {number} share from 0 to 1
 */
const quantile = (values, share) =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))];

/**
 * Messages that did not come, and ages of those that did.
 *
 * @param {Published} published
 * @param {Seen} seen
 */
function compare({ stamps, overlayStamps }, seen) {
  let wanted = 0;
  let lost = 0;
  /** @type {number[]} */
  const ageMs = [];
  for (const [topic, got] of Object.entries(seen)) {
    const ages = new Map(got.stamps.map((stamp, i) => [stamp, got.ageMs[i]]));
    for (const stamp of topic === overlayTopic ? overlayStamps : stamps) {
      wanted++;
      const age = ages.get(stamp);
      if (age === undefined) lost++;
      else ageMs.push(age);
    }
  }
  return { wanted, lost, ageMs };
}

/** @param {{ rateHz: number, depth: number | null, subscriberTopics: Topics[], env: NodeJS.ProcessEnv }} request */
async function measure({ rateHz, depth, subscriberTopics, env }) {
  const frames = Math.max(leastFrames, rateHz * seconds);
  const publisher = new Program('publisher', { rateHz, frames, depth }, env);
  const subscribers = subscriberTopics.map((topics) => new Program('subscriber', topics, env));
  try {
    for (const told of ['ready', 'heard']) {
      const events = await Promise.all(subscribers.map((subscriber) => subscriber.says()));
      if (events.some(({ event }) => event !== told))
        throw new Error(`${JSON.stringify(events)}, not ${told}`);
    }
    publisher.process.stdin.write('go\n');
    /** @type {Published} */
    const published = await publisher.says();
    await pause(settleMs);
    const found = [];
    for (const subscriber of subscribers) {
      subscriber.process.stdin.end();
      /** @type {{ seen: Seen, longestGapMs: number }} */
      const { seen, longestGapMs } = await subscriber.says();
      // One that is kept from reading for longer than its queue lasts loses messages by its own choice.
      const keptUp = longestGapMs < (queueDepth * 1000) / rateHz / 2;
      found.push({ keptUp, ...compare(published, seen) });
    }
    /**
     * @param {{ lost: number, wanted: number }[]} ones
     * @param {'lost' | 'wanted'} key
     */
    const sum = (ones, key) => ones.reduce((total, one) => total + one[key], 0);
    const quick = found.filter(({ keptUp }) => keptUp);
    const slow = found.filter(({ keptUp }) => !keptUp);
    return {
      keptUp: `${quick.length} of ${found.length}`,
      lost: `${sum(quick, 'lost')} of ${sum(quick, 'wanted')}`,
      lostByOthers: `${sum(slow, 'lost')} of ${sum(slow, 'wanted')}`,
      ageP95Ms: quantile(
        found.flatMap(({ ageMs }) => ageMs),
        0.95,
      ),
      publishP50Ms: quantile(published.tookMs, 0.5),
      publishP95Ms: quantile(published.tookMs, 0.95),
      cpuMsPerFrame: published.cpuMs,
      memoryMb: published.memoryMb,
    };
  } finally {
    await publisher.end();
    await Promise.all(subscribers.map((subscriber) => subscriber.end()));
  }
}

/**
 * One subscriber takes all topics, the others those without pictures: twenty of everything are more than two cores copy.
 *
 * @returns {Promise<object[]>} rows for main.mjs
 */
export async function run() {
  const folder = mkdtempSync(join(tmpdir(), 'rdk-outputs-'));
  const profile = join(folder, 'shm.xml');
  const ours = readFileSync(join(root, 'config/fastdds/shm.xml'), 'utf8');
  writeFileSync(profile, ours.replace(/<participant[\s\S]*<\/participant>/, ''));
  const before = { FASTRTPS_DEFAULT_PROFILES_FILE: profile, FASTDDS_DEFAULT_PROFILES_FILE: profile };
  const rows = [];
  try {
    for (const count of [1, 5, 20]) {
      const subscriberTopics = Array.from({ length: count }, (_, i) =>
        i === 0 ? { ...small, ...large } : small,
      );
      for (const rateHz of [6, 30, 90]) {
        const what = `${count} at ${rateHz} Hz`;
        const shared = { rateHz, subscriberTopics };
        rows.push({ name: what, ...(await measure({ ...shared, depth: null, env: {} })) });
        if (count > 1) continue;
        rows.push({ name: `${what}, before`, ...(await measure({ ...shared, depth: 1, env: before })) });
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return rows;
}
