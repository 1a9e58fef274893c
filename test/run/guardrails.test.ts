import { expect, test } from 'vitest';
import type { AuditRecord, FindingState } from '../../lib/ledger/model.ts';
import type { Policy } from '../../lib/ledger/policy.ts';
import { idlePolicies, renewedExemption, staleTables, type Thing } from '../../lib/run/guardrails.ts';
import type { TermsSettings } from '../../lib/run/terms.ts';
import { judgement, recordOf, T1 } from '../ledger/fixtures.ts';

function settings(policies: readonly Policy[]): TermsSettings {
  return {
    policies,
    production: ['prod'],
    dimensions: {},
    ownerOf: () => null,
    accounts: {},
    fallback: null,
  };
}

function thing(more: Partial<Thing> = {}): Thing {
  return { provider: 'aws', accountId: '111122223333', resourceType: 'aws:ec2:instance', tags: {}, ...more };
}

function idle(policies: readonly Policy[], things: readonly Thing[] = [thing()]) {
  return idlePolicies(things, settings(policies))?.map(({ what, told }) => [what, told]);
}

test('a policy that nothing fits is told, also where it names a tag as nobody writes it', () => {
  const policies: Policy[] = [
    { check: 'idle-gpu', where: { account: '999988887777' }, mode: 'stop' },
    { check: '*', where: { tags: { Team: 'ml' } }, mode: 'warn' },
    { check: '*', where: { tags: { team: 'ml' } }, mode: 'warn' },
  ];
  expect(idle(policies, [thing({ tags: { team: 'ml' } }), thing()])).toEqual([
    ['policy 1 (check idle-gpu, mode stop)', 'nothing of 2 things fits it'],
    ['policy 2 (check *, mode warn)', 'nothing of 2 things fits it'],
  ]);
});

test('a policy that those before it take all of is told; one that they leave something to is not', () => {
  const any: Policy = { check: '*', mode: 'flag' };
  const gpu: Policy = { check: 'idle-gpu', where: { provider: 'aws' }, mode: 'stop' };
  expect(idle([any, gpu])).toEqual([
    [
      'policy 2 (check idle-gpu, mode stop)',
      'it never applies: policies before it take all of the 1 things that fit it',
    ],
  ]);
  expect(idle([gpu, any])).toEqual([]);
  // Another check's policy takes nothing of it, and two together may take all.
  expect(idle([{ check: 'untagged', mode: 'warn' }, gpu])).toEqual([]);
  const east: Policy = { check: '*', where: { account: '1' }, mode: 'flag' };
  const west: Policy = { check: '*', where: { account: '2' }, mode: 'flag' };
  const both = [thing({ accountId: '1' }), thing({ accountId: '2' })];
  expect(idle([east, west, any], both)?.map(([what]) => what)).toEqual(['policy 3 (check *, mode flag)']);
  expect(idle([east, any], both)).toEqual([]);
});

test('that nothing is idle, or dear, is no drift of a policy', () => {
  const dear: Policy = { check: 'idle-gpu', where: { costAbove: { USD: '100000' } }, mode: 'stop' };
  expect(idle([dear])).toEqual([]);
  // It takes only what costs that much, so that what follows is not taken by it.
  expect(idle([dear, { check: 'idle-gpu', mode: 'warn' }])).toEqual([]);
});

test('without anything known nobody can tell', () => {
  expect(idle([{ check: '*', mode: 'flag' }], [])).toBeUndefined();
});

function entry(from: FindingState, to: FindingState, at: string): AuditRecord {
  return {
    schemaVersion: 1,
    findingId: 'f-1',
    at,
    actor: 'slack:T1:U1',
    from,
    to,
    reason: 'approved',
    runId: 'r-1',
    resourceId: 'r',
    details: null,
  };
}

test('an exemption is told from its third time on; being kept exempt by an audit is none', () => {
  const record = recordOf(judgement());
  const twice = [
    entry('EXEMPTION_REQUESTED', 'EXEMPT', '2026-01-10T00:00:00.000Z'),
    entry('EXEMPT', 'EXEMPT', T1),
    entry('EXEMPT', 'DETECTED', T1),
    entry('WARNED', 'EXEMPTION_REQUESTED', T1),
    entry('EXEMPTION_REQUESTED', 'EXEMPT', '2026-04-10T00:00:00.000Z'),
  ];
  expect(renewedExemption(record, twice)).toBeNull();
  const again = entry('EXEMPTION_REQUESTED', 'EXEMPT', '2026-07-10T00:00:00.000Z');
  expect(renewedExemption(record, [...twice, again])?.told).toBe(
    'given 3 times since 2026-01-10, now until no date',
  );
});

test('a table is stale half a year after its day', () => {
  const tables = [{ what: 'prices', of: '2026-07-01', todo: 'Update.' }];
  expect(staleTables(tables, new Date('2026-12-28T00:00:00Z'))).toEqual([]);
  expect(staleTables(tables, new Date('2026-12-29T00:00:00Z'))).toEqual([
    { what: 'prices', told: 'it is of 2026-07-01, 181 days ago', todo: 'Update.' },
  ]);
});
