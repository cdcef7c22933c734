import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parameterSpecs } from '#dist/config/schema.js';

const path = (name: string) => fileURLToPath(new URL(`../../../${name}`, import.meta.url));

interface Started {
  package: string;
  executable: string;
  name: string | null;
  namespace: string | null;
  parameters: (string | Record<string, unknown>)[];
  remappings: [string, string][];
  arguments: string[];
}

function launch(...args: string[]): Started[] {
  const command = [path('test/launchStub/run.py'), path('launch/yolo_seg.launch.py'), ...args];
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' };
  return JSON.parse(
    execFileSync('python3', command, { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'pipe'] }),
  );
}

describe('yolo_seg.launch.py', () => {
  it('starts the node alone, with a parameter file that exists', () => {
    const started = launch();
    expect(started.map((process) => `${process.package}/${process.executable}`)).toEqual([
      'rdk_yolo_seg/yolo_seg_node',
    ]);
    expect(started[0]!.parameters).toHaveLength(1);
    expect(existsSync(started[0]!.parameters[0] as string)).toBe(true);
    expect(started[0]!.remappings).toEqual([['hbmem_img', '/hbmem_img']]);
  });

  it('starts our camera on the same topic when asked', () => {
    const [node, camera] = launch('camera:=true', 'camera_source:=/pictures', 'hbmem_topic:=/front');
    expect(camera!.executable).toBe('yolo_seg_camera');
    expect(camera!.arguments).toEqual(['--source', '/pictures']);
    expect(camera!.remappings).toEqual(node!.remappings);
  });

  it('passes namespace, parameter file and overrides that the schema knows', () => {
    const [node] = launch(
      'namespace:=robot',
      'params_file:=/my.yaml',
      'model_path:=/m.onnx',
      'overlay:=false',
    );
    expect(node!.namespace).toBe('robot');
    expect(node!.parameters[0]).toBe('/my.yaml');
    const names: string[] = parameterSpecs.map((spec) => spec.name);
    const overrides = node!.parameters[1] as Record<string, unknown>;
    for (const name of Object.keys(overrides)) expect(names).toContain(name);
    expect(overrides).toEqual({ 'model.path': '/m.onnx', 'output.overlay': false });
  });

  it('refuses what it does not know', () => {
    expect(() => launch('camera:=perhaps')).toThrow(/argument 'camera' is 'perhaps'/);
    expect(() => launch('modelpath:=/m.onnx')).toThrow(/unknown launch arguments: modelpath/);
  });

  it('runs against a stub that fails on unknown keyword arguments', () => {
    const script = "from launch_ros.actions import Node; Node(executable='a', remapping=[])";
    const run = () =>
      execFileSync('python3', ['-c', script], { cwd: path('test/launchStub'), stdio: 'pipe' });
    expect(run).toThrow(/unexpected keyword argument 'remapping'/);
  });
});
