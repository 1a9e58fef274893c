import { expect, test } from 'vitest';
import type { HeldSource } from '../../lib/lake/model.ts';
import type { AnomalyRow } from '../../lib/run/anomalies.ts';
import { basisOf, keepAnomalies, keepTagging, keptAnomalies, keptTagging } from '../../lib/run/kept.ts';
import { usd } from '../digest/inputs.ts';
import { anomalyOf } from '../digest/insight-inputs.ts';
import { memoryLedger } from '../ledger/memory.ts';

type Held = Pick<HeldSource, 'sourceId' | 'ingestedAt'>[];
const basis = (held: Held, sources: readonly string[] | null = null, settings: unknown = null) =>
  basisOf({ sources: async () => held.map(heldSource) }, sources, settings);
function heldSource(known: Held[number]): HeldSource {
  return {
    ...known,
    sourceType: 'focus-file',
    grain: 'resource',
    asOf: null,
    periods: [],
    fingerprints: {},
    leftOut: [],
  };
}
const A = { sourceId: 'a', ingestedAt: '2026-11-09T00:00:00Z' };
const B = { sourceId: 'b', ingestedAt: '2026-11-09T00:00:00Z' };

test('another ingest, another choice of bills or other settings are another basis; the order of bills is not', async () => {
  const all = await Promise.all([
    basis([A, B]),
    basis([A, { ...B, ingestedAt: '2026-11-10T00:00:00Z' }]),
    basis([A]),
    basis([A, B], [], null),
    basis([A, B], null, ['owner']),
  ]);
  expect(new Set(all).size).toBe(5);
  expect(await basis([B, A])).toBe(all[0]);
  expect(await basis([A, B], ['a'])).toBe(all[2]);
});

const TAGS = [
  { currency: 'USD', tagged: '0.1', untagged: '2', notActivated: '0', untaggable: '0', unknown: '0' },
];

test('tag coverage is there for the same bills alone', async () => {
  const ledger = memoryLedger();
  expect(await keptTagging(ledger, 'one')).toBeNull();
  await keepTagging(ledger, 'one', TAGS);
  expect(await keptTagging(ledger, 'one')).toEqual(TAGS);
  expect(await keptTagging(ledger, 'two')).toBeNull();
  await keepTagging(ledger, 'two', []);
  expect([await keptTagging(ledger, 'one'), await keptTagging(ledger, 'two')]).toEqual([null, []]);
});

function row(impact: string): AnomalyRow {
  return {
    ...anomalyOf({ impact: usd(impact) }),
    actual: usd('20'),
    expected: usd('10'),
    deviations: null,
    alsoSeen: [],
    causes: [],
    against: null,
    owner: null,
    alert: null,
  };
}

const report = (count: number) => ({
  schemaVersion: 1 as const,
  now: '2026-11-09T08:00:00Z',
  since: '2026-10-10',
  minimum: '10',
  judged: 7,
  notEnough: [],
  notes: ['a note'],
  freshness: [],
  rows: Array.from({ length: count }, (_, at) => row(String(1000 - at))),
});

test('of many anomalies the first are kept, and how many were left out is told', async () => {
  const ledger = memoryLedger();
  await keepAnomalies(ledger, 'one', report(61));
  const kept = await keptAnomalies(ledger, 'one');
  expect(kept).toMatchObject({
    judged: 7,
    untold: 0,
    notes: ['a note', '1 smaller ones: bursar anomalies.'],
  });
  expect(kept?.rows.map(({ impact }) => impact.amount)).toEqual(
    Array.from({ length: 60 }, (_, at) => String(1000 - at)),
  );
  expect(await keptAnomalies(ledger, 'two')).toBeNull();
});
