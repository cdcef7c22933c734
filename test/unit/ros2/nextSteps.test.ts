import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { NextSteps } from '#dist/ros2/nextSteps.js';

let prefix: string;
beforeAll(() => {
  prefix = mkdtempSync(join(tmpdir(), 'next-steps-'));
  const index = join(prefix, 'share', 'ament_index', 'resource_index', 'packages');
  mkdirSync(index, { recursive: true });
  for (const name of ['ros2lifecycle', 'ros2param']) writeFileSync(join(index, name), '');
});
afterAll(() => rmSync(prefix, { recursive: true }));

it('are commands of ROS where its tools are installed, in any prefix', () => {
  const steps = new NextSteps('/a/eye', `/nowhere:${prefix}`);
  expect(steps.waitsFor()).toBe(
    'ros2 lifecycle set /a/eye configure and then ros2 lifecycle set /a/eye activate',
  );
  expect(steps.again('configure', true)).toBe(
    'correct the parameter (ros2 param set /a/eye NAME VALUE), then ros2 lifecycle set /a/eye configure',
  );
  expect(steps.again('activate', false)).toBe('ros2 lifecycle set /a/eye activate');
});

it('name no command that is not there, as with ROS from wheels', () => {
  const steps = new NextSteps('/a/eye', '/nowhere');
  expect(steps.waitsFor()).toBe('the transitions configure and activate by the service /a/eye/change_state');
  expect(steps.again('configure', true)).toBe(
    'correct the parameter (rdk-yolo-seg parameters lists them) and start the node again',
  );
  expect(steps.again('activate', false)).toBe('start the node again');
});
