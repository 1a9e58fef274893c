import { expect, test } from 'vitest';
import { defaultCheckSettings } from '../../../lib/checks/index.ts';
import type { Owner } from '../../../lib/checks/model.ts';
import type { Snapshot } from '../../../lib/estate/model.ts';
import type { Coverage } from '../../../lib/platform/coverage.ts';
import { lookAgain } from '../../../lib/run/sweep/look.ts';
import { idleTelemetry, machine, NOW, SCOPE } from '../../checks/facts.ts';
import { judgement, recordOf } from '../../ledger/fixtures.ts';

const resource = machine({ dataset: 'aws.ec2.instances' });
const names = [`${SCOPE}#aws.ec2.instances`, `${SCOPE}#aws.ec2.gpu-telemetry`];

/** One finding of that machine looked at again, where the scope is read as told. */
async function looked(
  coverage: Partial<Coverage>,
  scopes: readonly string[] = names,
  owner: { audited: Owner | null; now: Owner | null } = { audited: null, now: null },
  asked: (string[] | null)[] = [],
  check = 'idle-gpu',
) {
  const { accountId, region, id } = resource;
  const snapshot: Snapshot = {
    schemaVersion: 2,
    scope: { provider: 'aws', accountId, region },
    takenAt: NOW.toISOString(),
    resources: [resource],
    telemetry: idleTelemetry(),
    vectorIndexes: [],
    coverage: [{ scope: SCOPE, status: 'complete', reason: null, asOf: NOW.toISOString(), ...coverage }],
  };
  const look = lookAgain({
    estates: [
      {
        permissions: [],
        covers: () => true,
        plan: async () => ({ scopes: [], coverage: [] }),
        collect: async (_scope, _now, _meter, _only, _made, datasets) => {
          asked.push(datasets === undefined ? null : [...datasets]);
          return snapshot;
        },
      },
    ],
    checks: defaultCheckSettings(),
    ownerOf: () => owner.now,
    lake: { snapshots: async () => [] },
  });
  const about = {
    check,
    accountId,
    region,
    resourceId: id,
    resourceType: resource.type,
    owner: owner.audited,
  };
  const record = { ...recordOf(judgement(about)), scopes };
  return (await look([record], NOW)).get(record.finding.id);
}

test('a finding is judged again on what it rests on, whatever else of its scope could not be read', async () => {
  expect(await looked({})).toMatchObject({ ok: true, actionable: true, judgement: { verdict: 'IDLE' } });
  const denied = { status: 'partial', reason: 'denied', incomplete: ['aws.ec2.volumes'] } as const;
  expect(await looked(denied)).toMatchObject({ ok: true, actionable: true, resource: { id: resource.id } });
});

test.each<[string, Partial<Coverage>]>([
  ['its machines', { status: 'partial', reason: 'denied', incomplete: ['aws.ec2.instances'] }],
  ['its telemetry', { status: 'partial', reason: 'denied', incomplete: ['aws.ec2.gpu-telemetry'] }],
  ['something that nobody names', { status: 'partial', reason: 'denied' }],
  ['the scope', { status: 'failed', reason: 'denied', asOf: null }],
])('nothing is known where %s could not be read', async (_, coverage) => {
  expect(await looked(coverage)).toEqual({ ok: false, reason: expect.stringContaining('denied') });
});

test('a finding of before datasets were told apart rests on its whole scope', async () => {
  const denied = { status: 'partial', reason: 'denied', incomplete: ['aws.ec2.volumes'] } as const;
  expect(await looked(denied, [SCOPE])).toMatchObject({ ok: false });
  expect(await looked({}, [SCOPE])).toMatchObject({ ok: true });
});

async function ownerOf(audited: Owner | null, now: Owner | null) {
  const found = await looked({}, names, { audited, now });
  return found?.ok === true ? found.judgement?.owner : undefined;
}

test('whoever made it is still its owner where the log is not asked again, but not before who is tagged now', async () => {
  const creator: Owner = { id: 'ana@acme.com', source: 'creator by RunInstances', confidence: 'medium' };
  const tagged: Owner = { id: 'bo@acme.com', source: 'tag owner', confidence: 'high' };
  expect(await ownerOf(creator, null)).toEqual(creator);
  expect(await ownerOf(creator, tagged)).toEqual(tagged);
  expect(await ownerOf(tagged, null)).toBeNull();
});

test('only what its check and the finding itself rest on is read; everything where one does not say', async () => {
  const asked: (string[] | null)[] = [];
  const nobody = { audited: null, now: null };
  await looked({}, [`${SCOPE}#aws.ec2.instances`, `${SCOPE}#x.of-the-finding`, 'bill:main'], nobody, asked);
  expect(asked[0]).toEqual(expect.arrayContaining(['aws.ec2.gpu-telemetry', 'x.of-the-finding']));
  expect(asked[0]).not.toContain('aws.logs.log-groups');
  await looked({}, [SCOPE], nobody, asked);
  await looked({}, ['bill:main'], nobody, asked);
  await looked({}, names, nobody, asked, 'untagged');
  await looked({}, names, nobody, asked, 'of-a-newer-version');
  expect(asked.slice(1)).toEqual([null, null, null, null]);
});
