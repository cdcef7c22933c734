import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureColcon } from '../../scripts/colcon.mjs';
import { findRos, rosEnv } from '../../scripts/rosEnv.mjs';
import { installMissingInterfaces } from '../../scripts/setup/interfaces.mjs';
import { paths, root, stateDir } from '../../scripts/setup/paths.mjs';
import { useRobot } from './support/graph.js';
import type { Detection2DArray } from './support/messages.js';
import { Peer } from './support/peer.js';

// A workspace as robots have one: a copy of this checkout in src, colcon build, and then the install space alone: the
// checkout is gone, and the prefix cannot be written to.

const buildMs = 600_000;
const run = promisify(execFile);

/** Left out of the copy, which is then a checkout whose npm packages are installed, and nothing else was done. */
const notCopied = new Set([
  'node_modules',
  '.git',
  '.ros',
  '.tools',
  'out',
  'dist',
  'native/build',
  'native/bin',
]);

/** Every file and folder below, with what changes when it is written to. */
function inventory(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => {
      const { mtimeMs, ctimeMs, size } = lstatSync(join(folder, path));
      return `${path} ${mtimeMs} ${ctimeMs} ${size}`;
    })
    .sort();
}

/** Symbolic links below, as they are written. */
const linksOut = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isSymbolicLink())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !existsSync(path));

describe('colcon build', () => {
  const base = mkdtempSync(join(tmpdir(), 'rdk-colcon-'));
  const workspace = join(base, 'workspace');
  const install = join(workspace, 'install');
  const app = join(install, 'rdk_yolo_seg/lib/rdk_yolo_seg/app');
  const share = join(install, 'rdk_yolo_seg/share/rdk_yolo_seg');
  const tros = join(base, 'tros');
  const robot = useRobot();
  const env: NodeJS.ProcessEnv = { HOME: base };
  let built: string[] = [];

  /** ROS without this checkout's overlay; `tros` has the message packages in its place, all but one. */
  async function prepareRos(): Promise<void> {
    await installMissingInterfaces(tros);
    const python = existsSync(join(tros, 'lib')) ? readdirSync(join(tros, 'lib')) : [];
    for (const path of existsSync(tros) ? readdirSync(tros, { recursive: true, encoding: 'utf8' }) : [])
      if (/hbm_img_msgs/.test(path)) rmSync(join(tros, path), { recursive: true, force: true });
    const front = {
      AMENT_PREFIX_PATH: [tros],
      CMAKE_PREFIX_PATH: [tros],
      LD_LIBRARY_PATH: [join(tros, 'lib')],
      PATH: [],
      PYTHONPATH: python
        .filter((name) => name.startsWith('python'))
        .map((name) => join(tros, 'lib', name, 'site-packages')),
    };
    const present = rosEnv();
    for (const [name, folders] of Object.entries(front)) {
      const rest = (present[name] ?? '')
        .split(delimiter)
        .filter((path) => path !== '' && (!path.startsWith(stateDir) || path.startsWith(paths.wheels)));
      env[name] = [...folders, ...rest].join(delimiter);
    }
  }

  async function copyCheckout(): Promise<void> {
    const checkout = join(workspace, 'src/rdk-yolo-seg');
    mkdirSync(dirname(checkout), { recursive: true });
    cpSync(root, checkout, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !notCopied.has(relative(root, path)),
    });
    await run('cp', ['-a', '--reflink=auto', paths.nodeModules, checkout]);
  }

  /** A program of the package, as ros2 run and ros2 launch start it. */
  function start(program: 'yolo_seg_node' | 'yolo_seg_camera', more: NodeJS.ProcessEnv = {}): Peer {
    const path = join(install, 'rdk_yolo_seg/lib/rdk_yolo_seg', program);
    const command = '. "$1/setup.bash" && cd "$HOME" && exec "$2"';
    return new Peer('bash', ['-c', command, 'bash', install, path], { ...env, ...more });
  }

  beforeAll(async () => {
    const colcon = await ensureColcon();
    await prepareRos();
    await copyCheckout();
    try {
      await run(colcon, ['build'], { cwd: workspace, env: { ...process.env, ...env }, maxBuffer: 2 ** 26 });
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string };
      throw new Error(`colcon build failed:\n${stdout}\n${stderr}`);
    }
    renameSync(join(workspace, 'src'), join(base, 'moved'));
    rmSync(join(workspace, 'build'), { recursive: true });
    await run('chmod', ['-R', 'a-w', install]);
    built = inventory(install);
  }, buildMs);

  afterAll(async () => {
    // A copy of node_modules takes a while.
    if (existsSync(install)) await run('chmod', ['-R', 'u+w', install]);
    await run('rm', ['-rf', base]);
  }, buildMs);

  it('installs the program, its messages and what belongs into share', () => {
    const programs = readdirSync(dirname(app)).sort();
    expect(programs).toEqual(['app', 'yolo_seg_camera', 'yolo_seg_node']);
    for (const folder of ['launch', 'config/params', 'config/fastdds', 'models'])
      expect(readdirSync(join(share, folder)), folder).not.toEqual([]);
    expect(existsSync(join(install, 'rdk_yolo_seg_msgs/share/rdk_yolo_seg_msgs/package.xml'))).toBe(true);
    expect(linksOut(install), 'links that lead nowhere').toEqual([]);
  });

  it('installs no sources, no packages for development and nothing for other machines', () => {
    expect(readdirSync(app).sort()).toEqual(
      // The one message package that the ROS of this test lacks.
      findRos()?.kind === 'wheels'
        ? 'LICENSE assets bin config dist interfaces native node_modules package.json tools'.split(' ')
        : 'LICENSE assets bin config dist native node_modules package.json tools'.split(' '),
    );
    const packages = readdirSync(join(app, 'node_modules'));
    for (const name of ['typescript', 'vitest', '@biomejs', 'cmake-js']) expect(packages).not.toContain(name);
    const [napi] = readdirSync(join(app, 'node_modules/onnxruntime-node/bin'));
    expect(readdirSync(join(app, 'node_modules/onnxruntime-node/bin', napi!))).toEqual(['linux']);
  });

  it('runs from the install space alone and writes nothing into it', async () => {
    expect(existsSync(join(workspace, 'src'))).toBe(false);
    await robot.listen('/yolo_seg/detections', 'vision_msgs/msg/Detection2DArray');
    await robot.listen('/yolo_seg/masks', 'rdk_yolo_seg_msgs/msg/InstanceMaskArray');
    const node = start('yolo_seg_node');
    const camera = start('yolo_seg_camera');
    try {
      const seen = await robot.next<Detection2DArray>(
        '/yolo_seg/detections',
        ({ detections }) => detections.length > 0,
        60_000,
      );
      expect(seen.header.frame_id).toBe('camera');
      await robot.next('/yolo_seg/masks', () => true, 60_000);
    } catch (error) {
      throw new Error(`no detections; the node said:\n${node.output}\nthe camera said:\n${camera.output}`, {
        cause: error,
      });
    } finally {
      for (const peer of [camera, node]) peer.process.kill('SIGINT');
    }
    expect(await node.exited).toBe(0);
    expect(await camera.exited).toBe(0);
    expect(node.output).toContain(join(app, 'assets/models/shapes-seg.onnx'));
    expect(inventory(install)).toEqual(built);
  }, 120_000);

  it('says how to build it for another ROS', async () => {
    const camera = start('yolo_seg_camera', { ROS_DISTRO: 'humble' });
    // An addon of another distribution is looked for when the camera opens its topic.
    expect(await camera.exited, camera.output).toBe(1);
    expect(camera.output).toMatch(/hbmem-humble.*build the package rdk_yolo_seg again \(colcon build\)/s);
  }, 60_000);

  it('links to the checkout where colcon build --symlink-install is asked for', async () => {
    const [build, linked] = [join(base, 'linked-build'), join(base, 'linked')];
    const options = ['-DAMENT_CMAKE_SYMLINK_INSTALL=1', `-DCMAKE_INSTALL_PREFIX=${linked}`];
    // The links are listed in a file in the working folder.
    const inRos = { cwd: base, env: { ...process.env, ...env } };
    await run('cmake', ['-S', join(root, 'ros/rdk_yolo_seg'), '-B', build, ...options], inRos);
    await run('cmake', ['--install', build], inRos);
    const folder = join(linked, 'lib/rdk_yolo_seg');
    expect(readdirSync(folder).sort()).toEqual(['yolo_seg_camera', 'yolo_seg_node']);
    const { stdout } = await run(join(folder, 'yolo_seg_node'), ['--help'], inRos);
    expect(stdout).toContain('rdk-yolo-seg node');
  }, 60_000);
});
