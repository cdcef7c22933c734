import { InterruptedError } from '../core/errors.js';
import { hbmTypeOf } from '../core/hbmMessages.js';
import { counted } from '../core/words.js';
import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import { FrameLog } from '../camera/frameLog.js';
import { type CameraFrames, nv12Bytes, pictureAt } from '../camera/frames.js';
import { chooseMessage } from '../camera/messageType.js';
import type { CameraOptions } from '../camera/options.js';
import { Pacer } from '../camera/pacer.js';
import { describeLeftOut, loadFrames } from '../camera/source.js';
import { cameraQos, LoanedPublisher } from './hbmem/publisher.js';
import { serveCommonParameters } from './parameters/parameters.js';
import { applySharedMemoryEnv } from './sharedMemoryEnv.js';
import { stopSignal } from './stopSignal.js';

const topicName = 'hbmem_img';
const reportPeriodMs = 5000;
const subscriberPollMs = 50;
/** Subscribers read loaned frames in our memory: it stays for them a little longer than the last frame. */
const lingerMs = 500;
/** HbmMsg counts frames in an int32. */
const indexModulus = 2 ** 31;

type Log = (text: string) => void;

/** Waits, or returns early when the signal is raised. */
async function rest(waitMs: number, stop: AbortSignal): Promise<void> {
  // Without a wait, too, timers and signals get their turn.
  if (waitMs === 0) await setImmediate();
  else await delay(waitMs, undefined, { signal: stop }).catch(() => undefined);
}

/** Counts what was sent and says so every five seconds. */
class Report {
  readonly #log: Log;
  #sinceMs = performance.now();
  #sent = 0;
  #loaned = 0;
  #copied = 0;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Frames published so far. */
  get total(): number {
    return this.#loaned + this.#copied;
  }

  count(loaned: boolean): void {
    this.#sent++;
    if (loaned) this.#loaned++;
    else this.#copied++;
  }

  printWhenDue(skipped: number): void {
    if (performance.now() - this.#sinceMs >= reportPeriodMs) this.print(skipped);
  }

  print(skipped: number): void {
    const nowMs = performance.now();
    const rateHz = (this.#sent * 1000) / (nowMs - this.#sinceMs);
    this.#log(
      `${counted(this.total, 'frame')}, ${rateHz.toFixed(1)} Hz, loaned ${this.#loaned}, copied ${this.#copied}, skipped ${skipped}`,
    );
    this.#sinceMs = nowMs;
    this.#sent = 0;
  }
}

async function play(
  publisher: LoanedPublisher,
  frames: CameraFrames,
  options: CameraOptions,
  frameLog: FrameLog | null,
  stop: AbortSignal,
  log: Log,
): Promise<void> {
  const { widthPx, heightPx, pictures } = frames;
  const dataSizeBytes = nv12Bytes(widthPx, heightPx);
  const report = new Report(log);
  const pacer = new Pacer(options.rateHz, performance.now());
  while (!stop.aborted && report.total !== options.frames) {
    await rest(pacer.waitMs(performance.now()), stop);
    if (stop.aborted) break;
    const index = report.total % indexModulus;
    const picture = pictures[pictureAt(report.total, pictures.length, options.order)]!;
    const { loaned, stampNs } = publisher.publish({
      index,
      widthPx,
      heightPx,
      stepBytes: widthPx,
      dataSizeBytes,
      encoding: 'nv12',
      pixels: picture.nv12,
    });
    pacer.sent();
    report.count(loaned);
    frameLog?.add({ index, stampNs, picture: picture.name, loaned });
    report.printWhenDue(pacer.skipped);
  }
  report.print(pacer.skipped);
}

/**
 * Publishes pictures or NV12 frames as a TROS camera does, until SIGINT, SIGTERM, SIGHUP or `options.frames`.
 *
 * `args` are ROS arguments. Throws ConfigError for a source, size or log file that cannot be used, TransportError
 * when the middleware refuses, InterruptedError where it is stopped while it reads them.
 */
export async function runCamera(options: CameraOptions, args: readonly string[]): Promise<void> {
  const stopping = new AbortController();
  void stopSignal().then((signal) => stopping.abort(new InterruptedError(signal)));
  const stop = stopping.signal;
  const type = hbmTypeOf(chooseMessage(options.widthPx, options.heightPx, options.type));
  const startMs = performance.now();
  const frames = await loadFrames(options.source, options, stop);
  const loadSeconds = ((performance.now() - startMs) / 1000).toFixed(1);
  const frameLog = options.logPath === null ? null : await FrameLog.open(options.logPath);

  const sharedMemory = applySharedMemoryEnv();
  // Imported late: loading rclnodejs reads the environment set above.
  const { createNode, initRcl, shutdownRcl } = await import('./rcl/rcl.js');
  await initRcl(args);
  const ros = createNode('yolo_seg_camera');
  try {
    serveCommonParameters(ros, [{ name: topicName, kind: 'publisher' }]);
    const log: Log = (text) => ros.log('info', text);
    for (const line of sharedMemory.log) log(line);
    const { pictures, available, leftOut, widthPx, heightPx } = frames;
    const megabytes = ((pictures.length * nv12Bytes(widthPx, heightPx)) / 1e6).toFixed(0);
    log(
      `${counted(pictures.length, 'picture')} of ${options.source} as ${widthPx}x${heightPx}, ${megabytes} MB, in ${loadSeconds} s`,
    );
    const unused = describeLeftOut(options.source, leftOut);
    if (unused !== null) ros.log('warn', unused);
    if (available > pictures.length) {
      ros.log('warn', `memory limit: ${available - pictures.length} of ${available} pictures are left out`);
    }
    const qos = ros.resolveQos(topicName, 'publisher', cameraQos);
    const publisher = new LoanedPublisher(ros, { topic: topicName, type, qos });
    const rate = options.rateHz === 0 ? 'as fast as possible' : `at ${options.rateHz} Hz`;
    log(`publishing ${type} on ${publisher.topic} ${rate}; can loan: ${publisher.canLoan ? 'yes' : 'no'}`);
    ros.spin();
    if (options.waitForSubscriber && publisher.subscriptionCount() === 0) {
      log('waiting for a subscriber');
      while (!stop.aborted && publisher.subscriptionCount() === 0) await rest(subscriberPollMs, stop);
    }
    await play(publisher, frames, options, frameLog, stop, log);
    if (!stop.aborted) await rest(lingerMs, stop);
  } finally {
    ros.destroy();
    shutdownRcl();
    await frameLog?.close();
  }
}
