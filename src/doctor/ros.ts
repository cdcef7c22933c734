/** ROS 2 around this process: distribution, middleware, message packages and the shared-memory profile. */
import { delimiter, join } from 'node:path';
import { describeError } from '../core/errors.js';
import { namesIn } from '../files/namesIn.js';
import { remedies } from '../native/setupRemedy.js';
import { hasMessageType } from '../ros2/messageTypes.js';
import { refuseMissingMiddleware } from '../ros2/rcl/middleware.js';
import { type Check, fault, notApplicable, ok, warning } from './check.js';
import { type Machine, readSystemText } from './machine.js';
import { checkProfile } from './profile.js';

const noRos = 'no ROS 2 in this environment';

/** Set-up files of ROS installations that lie on this machine, TROS's first. */
function setupFiles(machine: Machine): string[] {
  return ['opt/tros', 'opt/ros'].flatMap((folder) =>
    namesIn(join(machine.root, folder), /^[a-z]+$/)
      .map((distro) => join(folder, distro, 'setup.bash'))
      .filter((path) => readSystemText(machine, path) !== null)
      .map((path) => `/${path}`),
  );
}

function checkDistro(machine: Machine): Check {
  const id = 'ros.distro';
  const distro = machine.env.ROS_DISTRO ?? '';
  const prefixes = (machine.env.AMENT_PREFIX_PATH ?? '').split(delimiter).filter((prefix) => prefix !== '');
  if (distro !== '' && prefixes.length > 0) return ok(id, distro, { distro, prefixes });
  const [file] = setupFiles(machine);
  const remedy =
    file === undefined
      ? `source the setup.bash of a ROS 2 (TROS: /opt/tros/humble/setup.bash); else: ${remedies.installRos}; segment, bench and model work without`
      : `source ${file}; segment, bench and model work without`;
  const lacks = distro === '' ? 'ROS_DISTRO' : 'AMENT_PREFIX_PATH';
  return warning(id, `${noRos}: ${lacks} is not set`, remedy, { distro, prefixes });
}

function checkMiddleware({ env }: Machine): Check {
  const id = 'ros.rmw';
  const wanted = env.RMW_IMPLEMENTATION ?? '';
  const details = { rmw: wanted === '' ? null : wanted };
  try {
    refuseMissingMiddleware(env);
  } catch (error) {
    return fault(id, wanted, describeError(error), details);
  }
  if (wanted === '') return ok(id, "RMW_IMPLEMENTATION is not set: the distribution's own", details);
  if (wanted.startsWith('rmw_fastrtps')) return ok(id, wanted, details);
  return warning(
    id,
    `${wanted}: frames and results are copied, as shared memory is that of Fast DDS`,
    'set RMW_IMPLEMENTATION=rmw_fastrtps_cpp here and for the camera',
    details,
  );
}

/** Message packages, each with a type that stands for it and with what is off where it is missing. */
const packages = [
  {
    name: 'hbm_img_msgs',
    type: 'hbm_img_msgs/msg/HbmMsg1080P',
    without: 'no frames in shared memory from TROS cameras; sensor_msgs/Image still works',
  },
  {
    name: 'rdk_yolo_seg_msgs',
    type: 'rdk_yolo_seg_msgs/msg/InstanceMaskArray',
    without: '~/masks is off',
  },
  {
    name: 'vision_msgs',
    type: 'vision_msgs/msg/Detection2DArray',
    without: '~/detections and ~/label_info are off',
  },
  {
    name: 'ai_msgs',
    type: 'ai_msgs/msg/PerceptionTargets',
    without: '/hobot_dnn_detection is off for TROS consumers',
  },
  {
    name: 'foxglove_msgs',
    type: 'foxglove_msgs/msg/ImageAnnotations',
    without: '~/annotations is off',
  },
  {
    name: 'sensor_msgs',
    type: 'sensor_msgs/msg/Image',
    without: 'no Image input, no overlay and no label map',
  },
  {
    name: 'diagnostic_msgs',
    type: 'diagnostic_msgs/msg/DiagnosticArray',
    without: 'the node does not start, as it has no /diagnostics',
  },
] as const;

/** Brought by this package rather than by the distribution's archive. */
const ownPackages: readonly string[] = ['rdk_yolo_seg_msgs', 'hbm_img_msgs', 'ai_msgs'];

function checkPackages({ env }: Machine): Check[] {
  const prefixes = env.AMENT_PREFIX_PATH ?? '';
  return packages.map(({ name, type, without }) => {
    const id = `ros.package.${name}`;
    if (prefixes === '') return notApplicable(id, noRos);
    if (hasMessageType(type, prefixes)) return ok(id, 'found', { type });
    const archive = `apt install ros-${env.ROS_DISTRO ?? 'DISTRO'}-${name.replaceAll('_', '-')}`;
    const remedy = ownPackages.includes(name)
      ? `${remedies.setup}: its own copy is built then`
      : `${archive}; else: ${remedies.setup}`;
    return warning(id, `does not have ${type}: ${without}`, remedy, { type });
  });
}

/** The checks of this family. */
export function checkRos(machine: Machine): Check[] {
  const distro = checkDistro(machine);
  const hasRos = distro.outcome === 'ok';
  return [
    distro,
    hasRos ? checkMiddleware(machine) : notApplicable('ros.rmw', noRos),
    ...checkPackages(machine),
    hasRos ? checkProfile(machine) : notApplicable('shm.profile', noRos),
  ];
}
