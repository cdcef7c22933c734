import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { TransportError } from '../../core/errors.js';
import type { HbmemAddon } from '../../native/hbmem.js';
import { loadAddon } from '../../native/load.js';
import { remedies } from '../../native/setupRemedy.js';

/** What decides whether an hbmem binary may be used here. */
export interface HbmemEnvironment {
  /** ROS_DISTRO of this process. */
  readonly rosDistro: string | undefined;
  /** Version of the installed rclnodejs. */
  readonly rclnodejsVersion: string;
  /** Hash of the header whose class layout the addon was compiled against. */
  readonly rclHandleSha256: string;
}

const functionNames = [
  ...['Subscription', 'Publisher', 'closeFrame', 'viewNv12', 'viewPicture'],
  ...['borrowBytes', 'unchanged', 'monotonicMs', 'realtimeNs'],
];

/**
 * Reads the environment of this process and the installed rclnodejs, without importing it.
 *
 * @internal Exported for tests.
 */
export function currentEnvironment(): HbmemEnvironment {
  const packagePath = createRequire(import.meta.url).resolve('rclnodejs/package.json');
  const { version } = JSON.parse(readFileSync(packagePath, 'utf8')) as { version: string };
  const header = readFileSync(join(dirname(packagePath), 'src', 'rcl_handle.h'));
  return {
    rosDistro: process.env.ROS_DISTRO,
    rclnodejsVersion: version,
    rclHandleSha256: createHash('sha256').update(header).digest('hex'),
  };
}

/**
 * Refuses a binary that was built for another ROS distribution or another rclnodejs.
 *
 * The addon looks into a C++ object of rclnodejs, so a version that merely works alike is not good enough.
 * Throws TransportError `addon` that says what was found, what is required and what to do.
 *
 * @internal Exported for tests.
 */
export function checkAddon(
  addon: Pick<HbmemAddon, 'rosDistro' | 'rclnodejsVersion' | 'rclHandleSha256'>,
  environment: HbmemEnvironment,
): void {
  const refuse = (what: string, found: string, required: string, remedy: string) =>
    new TransportError(
      'addon',
      `hbmem addon: found ${what} ${found}; required ${required}; remedy: ${remedy}`,
      {
        found,
        required,
      },
    );
  if (addon.rosDistro !== environment.rosDistro) {
    throw refuse(
      'a binary built for ROS',
      addon.rosDistro,
      environment.rosDistro ?? 'none (ROS_DISTRO is not set)',
      `source ROS ${addon.rosDistro}; or, in the environment you use: ${remedies.setup}`,
    );
  }
  const remedy = remedies.reinstall;
  if (addon.rclnodejsVersion !== environment.rclnodejsVersion) {
    throw refuse('rclnodejs', environment.rclnodejsVersion, addon.rclnodejsVersion, remedy);
  }
  if (addon.rclHandleSha256 !== environment.rclHandleSha256) {
    throw refuse('rcl_handle.h with SHA-256', environment.rclHandleSha256, addon.rclHandleSha256, remedy);
  }
}

/** The addon with the distance of its clock to this thread's `performance.now()`. */
export interface LoadedHbmem {
  readonly addon: HbmemAddon;
  /** Add to CLOCK_MONOTONIC milliseconds. */
  readonly performanceOffsetMs: number;
}

let loaded: LoadedHbmem | null = null;

/** Loads the binary of this ROS distribution once; throws TransportError or SegError `addon`. */
export function loadHbmem(): LoadedHbmem {
  if (loaded !== null) return loaded;
  const environment = currentEnvironment();
  if (environment.rosDistro === undefined || environment.rosDistro === '') {
    throw new TransportError(
      'addon',
      'hbmem addon: ROS_DISTRO is not set; remedy: source a ROS 2 installation',
      {},
    );
  }
  // Loaded untyped: the loader has checked the functions by name.
  const addon = loadAddon(`hbmem-${environment.rosDistro}`, functionNames) as unknown as HbmemAddon;
  checkAddon(addon, environment);
  // The smallest of a few differences is the one that was interrupted least.
  const offsets = Array.from({ length: 5 }, () => performance.now() - addon.monotonicMs());
  loaded = { addon, performanceOffsetMs: Math.min(...offsets) };
  return loaded;
}
