import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { DoctorReport } from '#dist/doctor/report.js';
import { repoPath } from '../support/frames.js';
import { checkOf } from '../support/madeMachine.js';

const folder = mkdtempSync(join(tmpdir(), 'doctor-ros-'));
afterAll(() => rmSync(folder, { recursive: true }));

function doctor(env: NodeJS.ProcessEnv): DoctorReport {
  const args = ['dist/cli/main.js', 'doctor', '--json', '--model', 'assets/models/shapes-seg-320.onnx'];
  const { stdout } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  return JSON.parse(stdout) as DoctorReport;
}

describe('rdk-yolo-seg doctor in a ROS environment', () => {
  it('sends itself a frame as a loan and finds every package', () => {
    const { checks, counts } = doctor({});
    expect(checkOf(checks, 'ros.distro').found).toBe(process.env.ROS_DISTRO);
    for (const { id, outcome } of checks.filter((check) => check.id.startsWith('ros.package.'))) {
      expect({ id, outcome }).toEqual({ id, outcome: 'ok' });
    }
    expect(checkOf(checks, 'shm.loan')).toMatchObject({
      outcome: 'ok',
      details: { canLoan: true, sentLoaned: true, arrival: { loaned: true, isIntact: true } },
    });
    expect(counts.fault).toBe(0);
  });

  it('without the profile says that frames are copied, and why', () => {
    const { checks } = doctor({ RMW_FASTRTPS_USE_QOS_FROM_XML: '0' });
    expect(checkOf(checks, 'shm.profile')).toMatchObject({
      outcome: 'warning',
      found: expect.stringContaining('off by RMW_FASTRTPS_USE_QOS_FROM_XML=0'),
    });
    expect(checkOf(checks, 'shm.loan')).toMatchObject({
      outcome: 'warning',
      found: 'a frame arrived, but it was taken as a copy',
      remedy: expect.stringMatching(/^unset RMW_FASTRTPS_USE_QOS_FROM_XML,/),
      details: { sharedMemoryEnabled: false, arrival: { loaned: false, isIntact: true } },
    });
  });

  /** A profile that gives publishers and subscriptions this kind of data sharing, in the environment that names it. */
  function withSharing(kind: string): { readonly profile: string; readonly env: NodeJS.ProcessEnv } {
    const profile = join(folder, `${kind}.xml`);
    const endpoint = (side: string) =>
      `<${side} profile_name="default ${side}" is_default_profile="true"><qos><data_sharing><kind>${kind}</kind></data_sharing></qos></${side}>`;
    const head = '<profiles xmlns="http://www.eprosima.com/XMLSchemas/fastRTPS_Profiles">';
    writeFileSync(profile, `${head}${endpoint('publisher')}${endpoint('subscriber')}</profiles>`);
    return {
      profile,
      env: { FASTRTPS_DEFAULT_PROFILES_FILE: profile, FASTDDS_DEFAULT_PROFILES_FILE: profile },
    };
  }

  it('with a profile of the user that shares nothing says what it lacks', () => {
    const { profile, env } = withSharing('OFF');
    const { checks } = doctor(env);
    expect(checkOf(checks, 'shm.profile')).toMatchObject({
      outcome: 'warning',
      found: expect.stringContaining(`${profile}: data sharing of its default publisher is OFF`),
    });
    expect(checkOf(checks, 'shm.loan')).toMatchObject({
      outcome: 'warning',
      remedy: expect.stringContaining('config/fastdds/shm.xml'),
      details: { sharedMemoryEnabled: true },
    });
  });

  it('with a profile with which no ROS node starts blames the profile', () => {
    const { checks } = doctor(withSharing('ON').env);
    expect(checkOf(checks, 'shm.profile')).toMatchObject({
      outcome: 'fault',
      found: expect.stringContaining('no ROS node starts'),
    });
    expect(checkOf(checks, 'shm.loan')).toMatchObject({
      outcome: 'fault',
      remedy: 'mend first what shm.profile says',
    });
  });

  it('tells what Fast DDS does not take of a profile that is well formed and has all that is needed', () => {
    const profile = join(folder, 'misspelt.xml');
    const shipped = readFileSync(repoPath('config/fastdds/shm.xml'), 'utf8');
    writeFileSync(profile, shipped.replace('<rtps>', '<rtps><sendBuffer>1</sendBuffer>'));
    const { checks } = doctor({
      FASTRTPS_DEFAULT_PROFILES_FILE: profile,
      FASTDDS_DEFAULT_PROFILES_FILE: profile,
    });
    expect(checkOf(checks, 'shm.loan')).toMatchObject({
      outcome: 'fault',
      found: expect.stringMatching(/Fast DDS drops the profile .*: .*sendBuffer/),
      remedy: expect.stringMatching(/^mend the profile/),
    });
  });

  it('tells an addon that was built for another ROS, with the remedy', () => {
    const { checks, counts } = doctor({ ROS_DISTRO: 'humble' });
    expect(checkOf(checks, 'shm.loan')).toMatchObject({
      outcome: 'fault',
      found: expect.stringMatching(/addon.*humble/),
      remedy: expect.stringContaining('npm run setup'),
    });
    expect(counts.fault).toBe(1);
  });
});
