import { directDependencies, packagesNeededBy } from './npmPackages.mjs';

/**
 * @typedef {{ name: string, summary: string, npm: string[], files: string[], needs: string[] }} Part
 * `npm`: direct dependencies; `files`: of the checkout; `needs`: names of the parts below it, which it lies upon
 */

/** Loads models on the CPU, and knows the files they come in. */
const cpuInference = ['onnxruntime-node', 'onnx-buf', '@bufbuild/protobuf'];

/**
 * What can be installed. All parts lie in one folder; a robot needs the first alone.
 *
 * @type {readonly Part[]}
 */
export const parts = [
  {
    name: 'rdk-yolo-seg',
    summary: 'YOLOv8 instance segmentation as a ROS 2 node for the D-Robotics RDK X5',
    npm: directDependencies().filter((name) => !cpuInference.includes(name)),
    needs: [],
    files: [
      ...[
        'LICENSE',
        'README.md',
        'package.json',
        'package-lock.json',
        'bin',
        'dist',
        'config',
        'docs',
        'launch',
      ],
      ...['assets/models/README.md', 'assets/models/classes.txt'],
      // What depends on the robot's ROS is made of these.
      ...['ros/rdk_yolo_seg', 'ros/rdk_yolo_seg_msgs', 'ros/compat'],
      ...['native/CMakeLists.txt', 'native/package.json', 'native/common', 'native/hbmem'],
      ...['scripts/rosEnv.mjs', 'scripts/package/prepare.mjs'],
      ...[
        'addons',
        'environmentScripts',
        'exec',
        'interfaces',
        'paths',
        'rclnodejs',
        'stamp',
        'toolchain',
      ].map((name) => `scripts/setup/${name}.mjs`),
    ],
  },
  {
    name: 'rdk-yolo-seg-onnx',
    summary: 'ONNX Runtime, the demo model and its pictures, for rdk-yolo-seg',
    npm: cpuInference,
    needs: ['rdk-yolo-seg'],
    files: [
      'assets/models/shapes-seg.onnx',
      'assets/models/shapes-seg-320.onnx',
      'assets/models/shapes-seg-stock.onnx',
      'assets/scenes',
    ],
  },
  {
    name: 'rdk-yolo-seg-conversion',
    summary: 'scripts for the conversion of models, for rdk-yolo-seg',
    npm: [],
    needs: ['rdk-yolo-seg', 'rdk-yolo-seg-onnx'],
    files: ['tools/toolchain'],
  },
];

/**
 * Lock paths of the packages that a part brings beyond those of the parts that it needs.
 *
 * @param {Part} part
 * @param {import('./npmPackages.mjs').Machine} machine
 */
export function packagesOf(part, machine) {
  const below = parts
    .filter(({ name }) => part.needs.includes(name))
    .flatMap((other) => packagesNeededBy(other.npm, machine));
  return packagesNeededBy(part.npm, machine).filter((path) => !below.includes(path));
}
