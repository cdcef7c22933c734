// Usage: rdk-yolo-seg-prepare     in an installed package: makes what depends on the machine's ROS 2, without the network
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findRos } from '../rosEnv.mjs';
import { buildAddon } from '../setup/addons.mjs';
import { writeEnvironmentScripts } from '../setup/environmentScripts.mjs';
import { describeFailure, SetupError } from '../setup/exec.mjs';
import { installInterfaces, interfacesAreCurrent } from '../setup/interfaces.mjs';
import { root } from '../setup/paths.mjs';
import {
  buildRclnodejs,
  generateMessages,
  messagesAreCurrent,
  rclnodejsIsCurrent,
} from '../setup/rclnodejs.mjs';
import { which } from '../setup/toolchain.mjs';

const programs = { 'g++': 'g++', make: 'make', cmake: 'cmake', python3: 'python3' };

/** Packages of ROS that are compiled against, or whose messages the node speaks. */
const rosPackages = [
  ...['ament_cmake', 'rcl', 'rosidl_default_generators', 'rosidl_typesupport_introspection_c'],
  ...[
    'diagnostic_msgs',
    'geometry_msgs',
    'lifecycle_msgs',
    'rosgraph_msgs',
    'sensor_msgs',
    'std_msgs',
    'std_srvs',
  ],
];

/** @param {import('../rosEnv.mjs').RosInstallation} ros */
function refuseMissing(ros) {
  const missing = Object.entries(programs)
    .filter(([program]) => !which(program))
    .map(([, apt]) => apt);
  for (const name of rosPackages) {
    const isThere = ros.prefixes.some((prefix) => existsSync(join(prefix, 'share', name, 'package.xml')));
    if (!isThere) missing.push(`ros-${ros.distro}-${name.replaceAll('_', '-')}`);
  }
  if (!which('ros2')) missing.push(`ros-${ros.distro}-ros2cli`);
  if (missing.length === 0) return;
  throw new SetupError(`this machine lacks ${missing.join(', ')}`, {
    remedy: `sudo apt-get install ${missing.join(' ')}    then: sudo rdk-yolo-seg-prepare`,
  });
}

async function prepare() {
  const ros = findRos();
  if (!ros)
    throw new SetupError('no ROS 2 in this shell', { remedy: 'source its setup.bash, then run this again' });
  const context = { verbose: process.argv.includes('--verbose'), say: console.log };
  const hbmem = join(root, 'native', 'bin', `hbmem-${ros.distro}-linux-${process.arch}.node`);
  /** @type {[boolean, () => Promise<string>][]} each whether it is done, and how it is */
  const steps = [
    [interfacesAreCurrent(), () => installInterfaces(context)],
    [rclnodejsIsCurrent(), () => buildRclnodejs(context)],
    [existsSync(hbmem), () => buildAddon('hbmem', context)],
  ];
  if (steps.some(([isDone]) => !isDone) || !messagesAreCurrent()) refuseMissing(ros);
  for (const [isDone, run] of steps) if (!isDone) console.log(await run());
  if (!messagesAreCurrent()) console.log(await generateMessages(context));
  // Last: the launcher takes it as the sign that all is done.
  writeEnvironmentScripts();
  console.log(`rdk-yolo-seg: ready for ROS 2 ${ros.distro}`);
}

try {
  await prepare();
} catch (error) {
  console.error(`rdk-yolo-seg-prepare: ${describeFailure(error)}`);
  process.exitCode = 1;
}
