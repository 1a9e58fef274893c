import { expect, test } from 'vitest';
import { commitmentsOf } from '../../../lib/sources/gcp-bigquery/commitments.ts';

const NOW = new Date('2026-11-22T10:00:00Z');
const END = '2027-09-27T18:08:20Z';
const LATER = '2028-09-27T18:08:20Z';

interface Told {
  readonly amount?: string;
  readonly state?: string;
  readonly ends?: string;
}
/** In the order of the query's columns. */
const snapshot = ({ amount = '4.05', state = 'Active', ends = END }: Told) => [
  'a',
  'name',
  'Flexible CUD',
  'D97B-0795-975B',
  'global',
  amount,
  '$/hr',
  'P1Y',
  '2025-09-27T18:08:20Z',
  ends,
  state,
];
const hourly = (...snapshots: Told[]) =>
  commitmentsOf([{ fields: [], totalRows: snapshots.length, rows: snapshots.map(snapshot) }], NOW).map(
    (row) => row['hourly'],
  );

test.each<[string, Told[], (string | null)[]]>([
  ['one snapshot', [{}], ['4.05']],
  ['active and cancelled, with one end', [{}, { state: 'Cancelled' }], []],
  ['pending, then active', [{ state: 'Pending' }, {}], ['4.05']],
  ['two amounts, with one end', [{}, { amount: '6' }], [null]],
  ['another amount with a later end', [{}, { amount: '6', ends: LATER }], ['6']],
  ['over, then renewed', [{ state: 'Expired' }, { ends: LATER }], ['4.05']],
  ['over at this moment', [{ ends: NOW.toISOString() }], []],
])('%s, in whichever order the snapshots come', (_, snapshots, told) => {
  expect(hourly(...snapshots)).toEqual(told);
  expect(hourly(...snapshots.toReversed())).toEqual(told);
});
