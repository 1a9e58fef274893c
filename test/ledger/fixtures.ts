import * as fc from 'fast-check';
import type { Judgement } from '../../lib/checks/model.ts';
import type { FindingRecord, LedgerStore, Observation } from '../../lib/ledger/model.ts';
import { reconcileOne } from '../../lib/ledger/reconcile.ts';
import type { Coverage } from '../../lib/platform/coverage.ts';

export const EAST = 'aws:111122223333:us-east-1';
export const WEST = 'aws:111122223333:us-west-2';
export const T1 = '2026-03-01T06:00:00.000Z';
export const T2 = '2026-03-08T06:00:00.000Z';
export const T3 = '2026-03-15T06:00:00.000Z';

export function judgement(more: Partial<Judgement> = {}): Judgement {
  return {
    check: 'idle-gpu',
    provider: 'aws',
    accountId: '111122223333',
    region: 'us-east-1',
    resourceType: 'aws:ec2:instance',
    resourceId: 'arn:aws:ec2:us-east-1:111122223333:instance/i-0abc',
    resourceName: 'trainer',
    owner: { id: 'ana@acme.example', source: 'tag owner', confidence: 'high' },
    verdict: 'IDLE',
    confidence: 'high',
    costBasis: 'billed',
    monthlyCost: { amount: '910.5', currency: 'USD' },
    monthlySaving: { amount: '900.123456789012345678', currency: 'USD' },
    evidence: [{ name: 'gpu', value: '0.4', unit: 'percent', window: `${T1}/${T2}`, source: 'CWAgent' }],
    blindSpots: ['no requests metric'],
    reason: 'every device below 5 % for 168 h',
    scopes: [EAST],
    ...more,
  };
}

/** The nth of many judgements, each of a resource of its own. */
export function numbered(n: number): Judgement {
  return judgement({ resourceId: `arn:aws:ec2:us-east-1:111122223333:instance/i-${n}` });
}

export function complete(...scopes: string[]): Coverage[] {
  return scopes.map((scope) => ({ scope, status: 'complete', reason: null, asOf: T1 }));
}

export function observation(more: Partial<Observation> = {}): Observation {
  return {
    runId: 'run-1',
    now: T1,
    judgements: [judgement()],
    coverage: complete(EAST),
    checksRun: ['idle-gpu'],
    ...more,
  };
}

/** A record as a first run would write it. */
export function recordOf(judged: Judgement, version = 1): FindingRecord {
  const { record } = reconcileOne('unused', judged, null, observation());
  if (record === null) throw new Error('a judgement always gives a record');
  return { ...record, version };
}

export async function everything(store: LedgerStore): Promise<FindingRecord[]> {
  const records: FindingRecord[] = [];
  for await (const record of store.all()) records.push(record);
  return records;
}

const CHECKS = ['idle-gpu', 'untagged'];
const SCOPES = [EAST, WEST, 'bill:aws-main'];

/** Judgements over few resources, so that runs meet the same ones again. */
export const someJudgement: fc.Arbitrary<Judgement> = fc
  .record({
    check: fc.constantFrom(...CHECKS),
    resourceId: fc.constantFrom('r1', 'r2', 'r3', 'r4'),
    saving: fc.option(fc.bigInt({ min: -(10n ** 6n), max: 10n ** 9n })),
    scopes: fc.subarray(SCOPES),
  })
  .map(({ check, resourceId, saving, scopes }) =>
    judgement({
      check,
      resourceId,
      scopes,
      monthlySaving: saving === null ? null : { amount: String(saving), currency: 'USD' },
    }),
  );

const someCoverage: fc.Arbitrary<Coverage> = fc.record({
  scope: fc.constantFrom(...SCOPES),
  status: fc.constantFrom('complete' as const, 'partial' as const, 'failed' as const, 'not-covered' as const),
  reason: fc.constant(null),
  asOf: fc.constant(T1),
});

export const someObservation: fc.Arbitrary<Observation> = fc.record({
  runId: fc.constantFrom('run-1', 'run-2', 'run-3'),
  now: fc.constantFrom(T1, T2, T3),
  judgements: fc.array(someJudgement, { maxLength: 6 }),
  coverage: fc.array(someCoverage, { maxLength: 5 }),
  checksRun: fc.subarray(CHECKS),
});
