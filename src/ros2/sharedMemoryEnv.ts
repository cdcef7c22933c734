import { fileURLToPath } from 'node:url';

/** Whether rmw keeps the graph to this machine, for which it brings transports of its own. */
export const isLocalhostOnly = (env: NodeJS.ProcessEnv): boolean =>
  env.ROS_LOCALHOST_ONLY === '1' || env.ROS_AUTOMATIC_DISCOVERY_RANGE === 'LOCALHOST';

/**
 * Our Fast DDS profile: data sharing for every publisher and subscription, as TROS's hobot_shm sets it, and room for
 * large outputs. rmw chooses other transports for a graph that is limited to this machine, which need another file.
 */
export function sharedMemoryProfilePath(env: NodeJS.ProcessEnv): string {
  const file = isLocalhostOnly(env) ? 'shm_localhost.xml' : 'shm.xml';
  return fileURLToPath(new URL(`../../config/fastdds/${file}`, import.meta.url));
}

/** Other names of the same setting; the first is what Fast DDS 2 reads, the second what Fast DDS 3 reads. */
const profileNames = ['FASTRTPS_DEFAULT_PROFILES_FILE', 'FASTDDS_DEFAULT_PROFILES_FILE'] as const;
/** Distributions with Fast DDS 2, and what stands where none is told. Those after them warn of the first name. */
const withFirstName = ['', 'humble', 'iron', 'jazzy'];
const hasFirstName = (env: NodeJS.ProcessEnv) => withFirstName.includes(env.ROS_DISTRO ?? '');

/** The variable whose profile this distribution's Fast DDS reads, and the one that it does not heed. */
export function profileNameIn(env: NodeJS.ProcessEnv): { readonly read: string; readonly other: string } {
  const [first, second] = profileNames;
  return hasFirstName(env) ? { read: first, other: second } : { read: second, other: first };
}

/** What {@link applySharedMemoryEnv} found and did. */
export interface SharedMemoryEnv {
  /** True where this process asks the middleware for shared memory and loaned messages. */
  readonly enabled: boolean;
  /** Variables of the user that turn it off; none where it is on. */
  readonly offBy: readonly string[];
  /** Lines for the log: what was set, what was left, what keeps shared memory off. */
  readonly log: readonly string[];
}

/** How to have this process run with shared memory. @param offBy The variables that keep it off. */
export const shareHereAdvice = (offBy: readonly string[]): string =>
  `this process runs without shared memory: unset ${offBy.join(' and ')} to have it`;
/** How to have the camera share its memory with this process. */
export const shareAtCameraAdvice =
  'start the camera on this machine with the same shared-memory variables (FASTRTPS_DEFAULT_PROFILES_FILE, ' +
  'RMW_FASTRTPS_USE_QOS_FROM_XML=1, ROS_DISABLE_LOANED_MESSAGES=0)';

/**
 * Sets the variables that turn on shared memory, where the user has not set them.
 *
 * rmw and Fast DDS read them while the context, participants and endpoints are made, so call this before
 * rclnodejs is imported. Writing `process.env` of the main thread changes what getenv() sees; a worker's copy
 * would not.
 */
export function applySharedMemoryEnv(env: NodeJS.ProcessEnv = process.env): SharedMemoryEnv {
  const log: string[] = [];
  const rmw = env.RMW_IMPLEMENTATION ?? '';
  if (rmw !== '' && !rmw.startsWith('rmw_fastrtps')) {
    return {
      enabled: false,
      offBy: ['RMW_IMPLEMENTATION'],
      log: [
        `shared memory: off: RMW_IMPLEMENTATION is ${rmw}, to which the variables of Fast DDS do not apply; frames are copied. Use rmw_fastrtps_cpp here and in the camera to have them loaned`,
      ],
    };
  }
  const setIfUnset = (name: string, value: string): string => {
    const present = env[name];
    if (present !== undefined && present !== '') {
      log.push(`shared memory: left ${name}=${present}`);
      return present;
    }
    env[name] = value;
    log.push(`shared memory: set ${name}=${value}`);
    return value;
  };
  const usersProfile = profileNames.find((name) => (env[name] ?? '') !== '');
  if (usersProfile === undefined) {
    const names = hasFirstName(env) ? profileNames : profileNames.slice(1);
    for (const name of names) setIfUnset(name, sharedMemoryProfilePath(env));
  } else {
    log.push(`shared memory: left ${usersProfile}=${env[usersProfile]}`);
  }
  const qosFromXml = setIfUnset('RMW_FASTRTPS_USE_QOS_FROM_XML', '1');
  const loansDisabled = setIfUnset('ROS_DISABLE_LOANED_MESSAGES', '0');
  const offBy = [
    ...(qosFromXml === '1' ? [] : ['RMW_FASTRTPS_USE_QOS_FROM_XML']),
    ...(loansDisabled === '0' ? [] : ['ROS_DISABLE_LOANED_MESSAGES']),
  ];
  const enabled = offBy.length === 0;
  if (!enabled) log.push('shared memory: off by these variables; large frames may be copied or lost');
  return { enabled, offBy, log };
}
