import { describe, expect, it } from 'vitest';
import { fault, ok, warning } from '#dist/doctor/check.js';
import { judgeLoan } from '#dist/doctor/loanVerdict.js';

const profile = ok('shm.profile', 'built-in');
const badProfile = fault('shm.profile', 'it is not well-formed XML', 'mend it');
const loaned = ok('shm.loan', 'a frame was sent and taken as a loan, its bytes intact', { canLoan: true });
const hung = fault('shm.loan', 'it hangs', 'try again');
/** As Fast DDS 2.14 wrote it of a profile with an element that it does not know, colours and all. */
const complaints = [
  "\u001b[37;1m2026-11-30 08:34:54.286 \u001b[31;1m[\u001b[37;1mXMLPARSER\u001b[31;1m Error] \u001b[37mInvalid element found into 'rtpsParticipantAttributesType'. Name: sendSocketBuffersize\u001b[34;1m -> Function \u001b[36mfillDataNode\u001b[m",
  "\u001b[37;1m2026-11-30 08:34:54.296 \u001b[31;1m[\u001b[37;1mXMLPARSER\u001b[31;1m Error] \u001b[37mError parsing '/tmp/typo.xml'\u001b[34;1m -> Function \u001b[36mloadXMLFile\u001b[m",
  '',
].join('\n');

describe('what the probe of a loan says of the profile', () => {
  it('is nothing where Fast DDS says nothing of it', () => {
    const output = '2026-11-30 [RTPS_TRANSPORT_SHM Error] Failed init_port\n';
    expect(judgeLoan({ checks: [loaned], output }, [profile])).toEqual([loaned]);
  });

  it.each([loaned, warning('shm.loan', 'taken as a copy', 'see above')])(
    'is a fault where Fast DDS does not take it whole: %j',
    (loan) => {
      const [check] = judgeLoan({ checks: [loan], output: complaints }, [profile]);
      expect(check).toMatchObject({
        outcome: 'fault',
        found: `${loan.found}; but Fast DDS drops the profile that shm.profile names, or a part of it: Invalid element found into 'rtpsParticipantAttributesType'. Name: sendSocketBuffersize`,
        remedy: 'mend the profile, or unset its variable to get the built-in one',
        details: loan.details,
      });
    },
  );

  it('is told once: a profile that is a fault by itself is to blame for other faults only', () => {
    expect(judgeLoan({ checks: [loaned], output: complaints }, [badProfile])).toEqual([loaned]);
    expect(judgeLoan({ checks: [hung], output: complaints }, [badProfile])).toEqual([
      { ...hung, remedy: 'mend first what shm.profile says' },
    ]);
  });
});
