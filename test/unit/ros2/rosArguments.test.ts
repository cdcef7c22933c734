import { readRosArguments } from '#dist/ros2/rosArguments.js';
import { describe, expect, it } from 'vitest';

const read = (...args: string[]) => readRosArguments('node', ['--ros-args', ...args]);

describe('rules of ROS arguments', () => {
  it('are sorted by kind', () => {
    expect(
      read('-p', 'a:=1', '--remap', 'b:=/c', '--params-file', 'd.yaml', '--param', 'e:=[f, "g=h"]'),
    ).toEqual({
      parameterRules: ['a:=1', 'e:=[f, "g=h"]'],
      remapRules: ['b:=/c'],
      parameterFiles: ['d.yaml'],
    });
  });

  it.each([
    [['-p', 'score_threshold=0.5'], '-p score_threshold=0.5 has no ":="; expected -p score_threshold:=0.5'],
    [['--param', 'classes'], '--param classes has no ":="; expected --param NAME:=VALUE'],
    [['-r', 'hbmem_img=/front'], '-r hbmem_img=/front has no ":="; expected -r hbmem_img:=/front'],
    [['-r', '/front'], '-r /front has no ":="; expected -r FROM:=TO'],
    [['-p'], '-p stands at the end; expected -p NAME:=VALUE'],
  ])('that rcl cannot read are refused: %j', (args, message) => {
    expect(() => read(...args)).toThrow(message);
  });
});
