import { describe, expect, test } from 'vitest';
import { type Scope, type Snapshot, scopeName } from '../../../lib/estate/model.ts';
import type { FindingRecord } from '../../../lib/ledger/model.ts';
import { BursarError } from '../../../lib/platform/errors.ts';
import type { Estate } from '../../../lib/run/auditor.ts';
import { lookAgain } from '../../../lib/run/sweep/look.ts';
import { judgement, recordOf } from '../../ledger/fixtures.ts';
import { EAST, estate, machine, WEST } from '../auditor.ts';

const NOW = new Date('2026-03-08T06:00:00.000Z');
const CHECKS = { untagged: { required: ['owner'] } };

/** A finding of check `untagged` about a machine of a scope. */
function finding(
  scope: Scope,
  id: string,
  more: Partial<Parameters<typeof judgement>[0]> = {},
): FindingRecord {
  const { accountId, region } = scope;
  const about = {
    check: 'untagged',
    provider: scope.provider,
    accountId,
    region,
    verdict: 'NONCOMPLIANT',
  } as const;
  return recordOf(
    judgement({
      ...about,
      resourceId: machine(scope, id).id,
      scopes: [scopeName(scope)],
      evidence: [],
      ...more,
    }),
  );
}

async function looked(
  records: readonly FindingRecord[],
  estates: readonly Estate[],
  checks: object = CHECKS,
) {
  const look = lookAgain({
    estates,
    checks: { ...checks },
    ownerOf: () => null,
    lake: { snapshots: async () => [] },
  });
  const found = await look(records, NOW);
  return records.map(({ finding: { id } }) => found.get(id));
}

describe('findings looked at again', () => {
  test('are grouped by scope, each of which is read once, telemetry for their resources alone', async () => {
    const asked: { scope: string; only: readonly string[]; now: Date }[] = [];
    const both = estate([
      { scope: EAST, holds: ['i-1', 'i-2', 'i-3'] },
      { scope: WEST, holds: ['i-9'] },
    ]);
    const listening: Estate = {
      ...both,
      collect(scope, now, meter, only) {
        asked.push({ scope: scopeName(scope), only: [...(only ?? [])], now });
        return both.collect(scope, now, meter, only);
      },
    };
    const records = [finding(EAST, 'i-1'), finding(WEST, 'i-9'), finding(EAST, 'i-2')];
    expect(await looked(records, [listening])).toMatchObject([{ ok: true }, { ok: true }, { ok: true }]);
    expect(asked).toEqual([
      {
        scope: 'aws:111122223333:us-east-1',
        only: [machine(EAST, 'i-1').id, machine(EAST, 'i-2').id],
        now: NOW,
      },
      { scope: 'aws:111122223333:us-west-2', only: [machine(WEST, 'i-9').id], now: NOW },
    ]);
  });

  test('of Google Cloud are of their project, wherever they run', async () => {
    const project: Scope = { provider: 'gcp', accountId: 'acme', region: 'global' };
    const there = finding({ ...project, region: 'europe-west1-b' }, 'vm-1', { scopes: [scopeName(project)] });
    const asked: Scope[] = [];
    const gcp: Estate = {
      ...estate([]),
      covers: (scope) => scope.provider === 'gcp',
      async collect(scope): Promise<Snapshot> {
        asked.push(scope);
        throw new BursarError('denied', 'no right');
      },
    };
    expect(await looked([there], [estate([]), gcp])).toEqual([{ ok: false, reason: 'no right' }]);
    expect(asked).toEqual([project]);
  });

  test('are not waste any more, gone, or judged by a check that is off', async () => {
    const here = estate([{ scope: EAST, holds: ['i-1'] }]);
    const clean: Estate = {
      ...here,
      async collect(scope, now, meter) {
        const snapshot = await here.collect(scope, now, meter);
        return {
          ...snapshot,
          resources: snapshot.resources.map((each) => ({ ...each, tags: { owner: 'ana' } })),
        };
      },
    };
    expect(await looked([finding(EAST, 'i-1')], [clean])).toMatchObject([
      { ok: true, resource: { id: machine(EAST, 'i-1').id }, judgement: null, actionable: false },
    ]);
    expect(await looked([finding(EAST, 'i-2')], [here])).toEqual([
      { ok: true, resource: null, judgement: null, actionable: false },
    ]);
    expect(await looked([finding(EAST, 'i-1')], [here], {})).toMatchObject([{ judgement: null }]);
  });

  test('are judged by their own checks and no others', async () => {
    const here = estate([{ scope: EAST, holds: ['i-1'] }]);
    const wrong = { 'tag-policy': { allowed: 'this would not be understood' }, ...CHECKS };
    expect(await looked([finding(EAST, 'i-1')], [here], wrong)).toMatchObject([
      { ok: true, judgement: { verdict: 'NONCOMPLIANT' }, actionable: false },
    ]);
  });

  test('keep the amounts and the evidence of the bill, and take what was read just now', async () => {
    const here = estate([{ scope: EAST, holds: ['i-1'] }]);
    const bill = { name: 'on the bill', value: '9', unit: 'USD', window: 'w', source: 'bill' };
    const [plain] = await looked([finding(EAST, 'i-1')], [here]);
    const [name] = plain?.ok === true ? (plain.judgement?.evidence.map((each) => each.name) ?? []) : [];
    const old = { ...bill, name: name ?? '', value: 'as it was' };
    const record = finding(EAST, 'i-1', { evidence: [old, bill] });
    const [again] = await looked([record], [here]);
    const judged = again?.ok === true ? again.judgement : null;
    expect(judged).toMatchObject({
      costBasis: record.finding.costBasis,
      monthlyCost: { amount: '910.5' },
      monthlySaving: { amount: '900.123456789012345678' },
    });
    expect(judged?.evidence.filter((each) => each.name === name)).toHaveLength(1);
    expect(judged?.evidence).not.toContainEqual(old);
    expect(judged?.evidence.at(-1)).toEqual(bill);
  });

  test('rest on what is no bill: where they name nothing else, on their whole scope', async () => {
    const here = estate([{ scope: EAST, holds: ['i-1'] }]);
    const failed = estate([{ scope: EAST, holds: 'denied' }]);
    for (const scopes of [[], ['bill:aws-main'], ['bill:aws-main', scopeName(EAST)]]) {
      const record = finding(EAST, 'i-1', { scopes });
      expect(await looked([record], [here])).toMatchObject([{ ok: true }]);
      expect(await looked([record], [failed])).toEqual([
        {
          ok: false,
          reason: `${record.finding.resourceId} could not be looked at: aws:111122223333:us-east-1 is failed: it is denied`,
        },
      ]);
    }
    const elsewhere = finding(EAST, 'i-1', { scopes: [scopeName(EAST), 'store:docs'] });
    expect(await looked([elsewhere], [here])).toMatchObject([
      { ok: false, reason: expect.stringContaining('store:docs was not looked at') },
    ]);
  });

  test('of a scope that is not in the config any more are not known', async () => {
    expect(await looked([finding(WEST, 'i-1')], [estate([{ scope: EAST, holds: [] }])])).toEqual([
      { ok: false, reason: 'aws:111122223333:us-west-2 is not in the config any more' },
    ]);
    expect(await looked([], [])).toEqual([]);
  });

  test('throw a defect on, and take it for nothing else', async () => {
    const broken: Estate = {
      ...estate([{ scope: EAST, holds: [] }]),
      collect: () => Promise.reject(new TypeError('x')),
    };
    await expect(looked([finding(EAST, 'i-1')], [broken])).rejects.toThrow(TypeError);
  });
});
