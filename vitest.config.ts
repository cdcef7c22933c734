import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const skipRos = process.env.RDK_YOLO_SEG_TEST_ROS === '0';
/** With the vendor's toolchain, which is not part of the project: `npm run test:genuine` installs it. */
const hasToolchain = (process.env.RDK_YOLO_SEG_TOOLCHAIN ?? '') !== '';
/** Hours, not seconds: `npm run soak` runs these tests. */
const isSoak = process.env.RDK_YOLO_SEG_SOAK === '1';

export default defineConfig({
  test: {
    // dist is plain JavaScript for Node: loaded untouched, so that workers and .node files resolve as in production.
    server: { deps: { external: [/\/dist\//, /\/node_modules\//] } },
    pool: 'forks',
    env: {
      // For the tests that use the runtime directly: src/backends/onnx/telemetry.ts.
      ORT_DISABLE_TELEMETRY: '1',
      // What this machine's user has installed must not change an outcome; nothing is ever written here.
      XDG_DATA_HOME: join(import.meta.dirname, 'out', 'no-data-home'),
    },
    testTimeout: 20_000,
    hookTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/{unit,native,contract,fuzz}/**/*.test.ts'],
          // One more than vitest takes: on two cores the tests took nearly twice as long by one worker.
          maxWorkers: availableParallelism(),
        },
      },
      {
        extends: true,
        test: {
          name: 'ros2',
          include: skipRos ? [] : ['test/ros2/**/*.test.ts'],
          // Each file has a ROS domain of its own. Nodes of more than two at once would slow each other beyond their time limits.
          maxWorkers: 2,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          setupFiles: ['./scripts/vitestRos.mjs'],
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'genuine',
          include: hasToolchain ? ['test/genuine/**/*.test.ts'] : [],
          globalSetup: './test/genuine/compileDemo.ts',
          // The tools take seconds to start, and more beside others.
          testTimeout: 300_000,
          hookTimeout: 300_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'soak',
          include: isSoak ? ['test/soak/**/*.test.ts'] : [],
          fileParallelism: false,
          testTimeout: 24 * 3600_000,
          hookTimeout: 60_000,
          setupFiles: ['./scripts/vitestRos.mjs'],
          sequence: { groupOrder: 3 },
        },
      },
    ],
    passWithNoTests: true,
  },
});
