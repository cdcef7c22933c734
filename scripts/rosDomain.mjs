// A ROS domain of a process's own, in which nothing leaves this machine.
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

/** Above 101 Linux may hand the domain's ports to other programs. */
const HIGHEST_DOMAIN = 101;

/**
 * Holds the domain for the life of this process: an abstract socket has one owner on a machine, and the kernel takes
 * it back however the owner ends. False where another process of ours has it.
 *
 * @param {number} domain
 * @returns {Promise<boolean>}
 */
function holdDomain(domain) {
  return new Promise((resolve, reject) => {
    const holder = createServer();
    holder.once('error', (/** @type {NodeJS.ErrnoException} */ error) => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else reject(error);
    });
    holder.listen(`\0rdk-yolo-seg-domain-${domain}`, () => resolve(true));
    holder.unref();
  });
}

/**
 * Whether no program is in the domain: the first participant of a domain on a machine holds this port for its discovery
 * (DDSI-RTPS 9.6.1.4). A node of somebody else's would answer for ours.
 *
 * @param {number} domain
 * @returns {Promise<boolean>}
 */
function isEmpty(domain) {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    socket.once('error', (/** @type {NodeJS.ErrnoException} */ error) => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else reject(error);
    });
    socket.bind({ port: 7400 + 250 * domain + 10, exclusive: true }, () => socket.close(() => resolve(true)));
  });
}

/** An empty domain, held until this process ends. Throws Error where all are in use. */
export async function takeDomain() {
  for (let tried = 0; tried < HIGHEST_DOMAIN; tried++) {
    const domain = 1 + ((process.pid + tried) % HIGHEST_DOMAIN);
    if ((await isEmpty(domain)) && (await holdDomain(domain))) return domain;
  }
  throw new Error(`all ${HIGHEST_DOMAIN} ROS domains are in use`);
}

/**
 * What keeps a ROS program of this distribution in the domain and on this machine.
 *
 * @param {number | string} domain
 * @param {string | undefined} distribution
 */
export function localDomain(domain, distribution) {
  return {
    ROS_DOMAIN_ID: String(domain),
    ROS_AUTOMATIC_DISCOVERY_RANGE: 'LOCALHOST',
    // The older name warns on Jazzy and is all that Humble knows.
    ...(distribution === 'humble' ? { ROS_LOCALHOST_ONLY: '1' } : {}),
  };
}
