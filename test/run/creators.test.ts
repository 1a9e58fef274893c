import { expect, test } from 'vitest';
import { ownerResolver } from '../../lib/checks/owner.ts';
import type { Creation, Resource, Snapshot } from '../../lib/estate/model.ts';
import type { Auditor, Estate } from '../../lib/run/auditor.ts';
import { wholeAudit } from '../../lib/run/whole.ts';
import { auditorOf, bill, EAST, machine, opened } from './auditor.ts';

const NOW = new Date('2026-11-16T08:00:00Z');
const MACHINE = machine(EAST, 'i-1');
const MADE: Creation = {
  resourceId: MACHINE.id,
  address: 'ana@acme.com',
  principal: 'arn:aws:sts::111122223333:assumed-role/Dev/ana@acme.com',
  event: 'RunInstances',
  at: '2026-11-01T00:00:00.000Z',
};

const ACCOUNT: Resource = {
  ...machine({ ...EAST, region: 'global' }, 'unused'),
  type: 'aws:organizations:account',
  id: 'arn:aws:organizations::999988887777:account/o-1/111122223333',
  tags: { owner: 'lead@acme.com', team: 'research' },
  dataset: 'aws.organizations.accounts',
};

/** A cloud whose audit log knows who made the machine, and an organisation that is another scope. */
function cloud(asked: (readonly Creation[] | undefined)[], organisation: readonly Resource[]): Estate {
  const home = { ...EAST, region: 'global' };
  return {
    permissions: [],
    covers: () => true,
    plan: async () => ({ scopes: [EAST, ...(organisation.length === 0 ? [] : [home])], coverage: [] }),
    collect: async (scope, now, _meter, _only, made) => {
      const isHome = scope.region === 'global';
      if (!isHome) asked.push(made);
      const taken: Snapshot = {
        schemaVersion: 2,
        scope,
        takenAt: now.toISOString(),
        resources: isHome ? organisation : [MACHINE],
        telemetry: [],
        vectorIndexes: [],
        coverage: [
          {
            scope: `aws:${scope.accountId}:${scope.region}`,
            status: 'complete',
            reason: null,
            asOf: now.toISOString(),
          },
        ],
      };
      return made === undefined || isHome ? taken : { ...taken, creations: [MADE] };
    },
  };
}

async function audited(creators: boolean, organisation: readonly Resource[] = [], runs = 1) {
  const state = await opened();
  const asked: (readonly Creation[] | undefined)[] = [];
  const auditor: Auditor = {
    ...auditorOf(state, [await bill(state.folder, 'main', [{}])], [cloud(asked, organisation)]),
    creators,
    ownerOf: ownerResolver({ tags: ['owner'], domains: ['acme.com'], accounts: {} }),
    checks: { untagged: { required: ['team'] } },
  };
  let result: Awaited<ReturnType<typeof wholeAudit>>['result'] | null = null;
  for (let run = 0; run < runs; run += 1)
    ({ result } = await wholeAudit(auditor, `r${run}`, false, new Date(NOW.getTime() + run * 3_600_000)));
  const found = result?.findings.filter(({ resourceId }) => resourceId === MACHINE.id) ?? [];
  return { asked, owners: found.map(({ owner }) => owner), findings: result?.findings ?? [] };
}

test('whoever made it owns what nobody else does, and the log is told what is known', async () => {
  const { asked, owners } = await audited(true, [], 2);
  expect(owners).toEqual([
    { id: 'ana@acme.com', source: 'creator by RunInstances of 2026-11-01', confidence: 'medium' },
  ]);
  expect(asked).toEqual([[], [MADE]]);
});

test('no log is asked unless the config says so', async () => {
  expect(await audited(false)).toMatchObject({ asked: [undefined], owners: [null] });
});

test('tags of the account name its owner and count for what lies in it; it is no resource itself', async () => {
  const { owners, findings } = await audited(true, [{ ...ACCOUNT, tags: { owner: 'lead@acme.com' } }]);
  expect(owners).toEqual([
    { id: 'lead@acme.com', source: 'account 111122223333 by its tag owner', confidence: 'medium' },
  ]);
  expect(findings.map(({ resourceId }) => resourceId)).not.toContain(ACCOUNT.id);
  expect((await audited(true, [ACCOUNT])).owners).toEqual([]);
});
