// The import directions of docs/design.md, section 4, as lint enforces them: folder of src -> folders it may import.
// A test holds both against each other.
/** @type {Record<string, string[]>} */
const directions = {
  core: [],
  files: ['core'],
  threads: ['core'],
  native: ['core'],
  model: ['core'],
  'toolchain/text': [],
  'toolchain/logs': ['core', 'model', 'toolchain/text'],
  'toolchain/info': ['core', 'model', 'native', 'toolchain/text'],
  'toolchain/ptq': ['core', 'toolchain/text'],
  'toolchain/onnx': ['core', 'model', 'postprocess', 'backends'],
  'toolchain/calibration': ['core', 'files', 'backends', 'camera'],
  'toolchain/process': [],
  'toolchain/install': ['core', 'files', 'toolchain/process'],
  'toolchain/compile': [
    'core',
    'files',
    'model',
    'backends',
    'camera',
    'toolchain/text',
    'toolchain/logs',
    'toolchain/info',
    'toolchain/ptq',
    'toolchain/onnx',
    'toolchain/calibration',
    'toolchain/process',
    'toolchain/install',
  ],
  'toolchain/simulate': [
    'core',
    'backends',
    'toolchain/text',
    'toolchain/info',
    'toolchain/process',
    'toolchain/compile',
  ],
  postprocess: ['core', 'model'],
  messages: ['core'],
  render: ['core', 'threads'],
  pipeline: ['core'],
  config: ['core', 'model'],
  backends: ['core', 'files', 'model', 'postprocess', 'native', 'threads'],
  camera: ['core', 'files', 'native'],
  bench: ['core', 'pipeline', 'backends', 'camera'],
  ros2: ['core', 'files', 'native', 'pipeline', 'messages', 'render', 'config', 'backends', 'camera'],
  evaluate: ['core'],
  offline: ['core', 'files', 'native', 'postprocess', 'pipeline', 'render', 'evaluate', 'camera'],
  record: ['core', 'files', 'messages', 'evaluate', 'ros2'],
  doctor: ['core', 'files', 'native', 'config', 'backends', 'camera', 'bench', 'ros2', 'toolchain/info'],
};

directions.cli = Object.keys(directions);

module.exports = directions;
