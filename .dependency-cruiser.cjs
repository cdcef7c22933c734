// The import directions of docs/design.md as a table: folder -> folders it may import.
const allowed = {
  core: [],
  files: ['core'],
  native: ['core'],
  model: ['core'],
  'toolchain/text': ['core'],
  'toolchain/logs': ['core', 'model', 'toolchain/text'],
  'toolchain/info': ['core', 'model', 'toolchain/text'],
  'toolchain/ptq': ['core', 'toolchain/text'],
  'toolchain/onnx': ['core', 'files', 'model', 'postprocess', 'backends'],
  'toolchain/calibration': ['core', 'files', 'backends', 'camera'],
  postprocess: ['core', 'model'],
  messages: ['core'],
  render: ['core'],
  pipeline: ['core', 'model', 'postprocess'],
  config: ['core', 'model'],
  backends: ['core', 'files', 'model', 'postprocess', 'native'],
  camera: ['core', 'native'],
  bench: ['core', 'native', 'backends', 'camera'],
  ros2: ['core', 'native', 'model', 'pipeline', 'messages', 'render', 'config', 'backends', 'camera'],
  demo: ['core', 'files', 'messages', 'config', 'ros2'],
  cli: [
    'core',
    'files',
    'native',
    'model',
    'toolchain/text',
    'toolchain/logs',
    'toolchain/info',
    'toolchain/ptq',
    'toolchain/onnx',
    'toolchain/calibration',
    'pipeline',
    'messages',
    'render',
    'config',
    'backends',
    'ros2',
    'camera',
    'demo',
    'bench',
  ],
};

/** Folders of the table inside this one have their own line. */
const inside = (folder) =>
  Object.keys(allowed)
    .filter((other) => other.startsWith(`${folder}/`))
    .map((other) => `^src/${other}/`);

const directions = Object.entries(allowed).map(([from, to]) => ({
  name: `${from}-may-import-${to.length === 0 ? 'nothing' : to.join('-')}`,
  severity: 'error',
  from: { path: `^src/${from}/`, pathNot: inside(from) },
  to: { path: '^src/', pathNot: [from, ...to].map((folder) => `^src/${folder}/`) },
}));

module.exports = {
  forbidden: [
    ...directions,
    {
      name: 'every-folder-is-in-the-table',
      severity: 'error',
      from: { path: '^src/', pathNot: Object.keys(allowed).map((folder) => `^src/${folder}/`) },
      to: {},
    },
    {
      name: 'rclnodejs-only-in-rcl',
      severity: 'error',
      from: { pathNot: '^src/ros2/rcl\\.ts$' },
      to: { path: 'node_modules/rclnodejs' },
    },
    {
      name: 'backends-do-not-know-each-other',
      severity: 'error',
      from: { path: '^src/backends/([^/]+)/' },
      to: { path: '^src/backends/[^/]+/', pathNot: '^src/backends/($1|prepare|threads)/' },
    },
    {
      name: 'pure-core-knows-no-platform',
      severity: 'error',
      from: { path: '^src/(core|model|toolchain/(text|logs|info|ptq)|postprocess|messages)/' },
      to: { dependencyTypes: ['core'] },
    },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { conditionNames: ['import', 'require', 'node', 'default', 'types'] },
  },
};
