const allowed = require('./scripts/importDirections.cjs');

/**
 * Folders of the table inside this one have their own line.
 *
 * @param {string} folder
 */
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
      from: { pathNot: '^src/ros2/rcl/rclnodejs\\.ts$' },
      to: { path: 'node_modules/rclnodejs' },
    },
    {
      name: 'backends-do-not-know-each-other',
      severity: 'error',
      from: { path: '^src/backends/([^/]+)/' },
      to: { path: '^src/backends/[^/]+/', pathNot: '^src/backends/($1|session)/' },
    },
    {
      name: 'pure-core-knows-no-platform',
      severity: 'error',
      from: { path: '^src/(core|model|toolchain/(text|logs|info|ptq)|postprocess|messages|evaluate)/' },
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
