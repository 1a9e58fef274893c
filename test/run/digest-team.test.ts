import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { putSnapshot, readSnapshots } from '../../lib/lake/snapshots.ts';
import { folderStore } from '../../lib/lake/store/folder.ts';
import type { FindingRecord } from '../../lib/ledger/model.ts';
import { snapshotsIn } from '../../lib/run/assemble/account-tags.ts';
import { coverageForTeam, findingsOfTeam } from '../../lib/run/digest-team.ts';
import { standing } from '../ledger/decide/world.ts';
import { EAST, machine } from './auditor.ts';

const KEEP = { last: 30, days: 100 };
const SINCE = '2026-11-09T00:00:00.000Z';
const HERE = 'aws:111122223333:us-east-1';

/** Looks of these days, each with the machines that it saw and the team that each had then. */
async function lookedOn(days: readonly (readonly [day: string, teams: Readonly<Record<string, string>>])[]) {
  const folder = await mkdtemp(join(tmpdir(), 'bursar-team-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const store = folderStore(folder);
  for (const [day, teams] of days)
    await putSnapshot(
      store,
      {
        schemaVersion: 2,
        scope: EAST,
        takenAt: `2026-11-${day}T08:00:00.000Z`,
        resources: Object.entries(teams).map(([id, team]) => ({ ...machine(EAST, id), tags: { team } })),
        telemetry: [],
        vectorIndexes: [],
        coverage: [],
      },
      KEEP,
    );
  return { store, lake: snapshotsIn(store) };
}

function record(id: string, state: FindingRecord['finding']['state'], more: Partial<FindingRecord> = {}) {
  const base = standing(state);
  const resourceId = machine(EAST, id).id;
  return {
    ...base,
    finding: { ...base.finding, id: `f-${id}`, resourceId },
    scopes: [`${HERE}#aws.ec2.instances`],
    observed: { at: '2026-11-12T08:00:00.000Z', runId: 'r' },
    ...more,
  };
}

const terms = { dimensions: { team: [{ tag: 'team' }] } };

async function ofTeam(
  { lake }: Awaited<ReturnType<typeof lookedOn>>,
  team: string,
  records: readonly FindingRecord[],
): Promise<[string[], number]> {
  const { own, unknown } = await findingsOfTeam({ lake, terms }, { scopes: null }, team, records, SINCE);
  return [own.map(({ finding }) => finding.id), unknown];
}

test('what the newest look lacks is of the team that it had when it was last seen', async () => {
  const looked = await lookedOn([
    ['10', { moved: 'search', deleted: 'search', unread: 'vision' }],
    ['12', { moved: 'search', deleted: 'search' }],
    // Partial, or after a stop that deletes.
    ['14', { moved: 'vision' }],
  ]);
  const records = [
    record('moved', 'DETECTED'),
    record('deleted', 'STOPPED'),
    record('unread', 'WARNED'),
    record('never', 'DETECTED'),
  ];
  expect(await ofTeam(looked, 'search', records)).toEqual([['f-deleted'], 1]);
  expect(await ofTeam(looked, 'vision', records)).toEqual([['f-moved', 'f-unread'], 1]);
});

test('what was resolved long ago is not looked for, nor what the bill alone knows', async () => {
  const looked = await lookedOn([['14', {}]]);
  const long = { observed: { at: '2026-11-01T08:00:00.000Z', runId: 'r' } };
  expect(await ofTeam(looked, 'search', [record('old', 'RESOLVED', long)])).toEqual([[], 0]);
  expect(await ofTeam(looked, 'search', [record('new', 'RESOLVED')])).toEqual([[], 1]);
  expect(await ofTeam(looked, 'search', [record('line', 'DETECTED', { scopes: ['bill:main'] })])).toEqual([
    [],
    0,
  ]);
});

test('older looks are read one by one', async () => {
  const { store } = await lookedOn([
    ['10', { a: 'x' }],
    ['12', { b: 'x' }],
    ['14', { c: 'x' }],
  ]);
  const days = async (most: number, skip?: number) =>
    (await readSnapshots(store, HERE, most, skip)).map(({ takenAt }) => takenAt.slice(8, 10));
  expect(await days(2)).toEqual(['14', '12']);
  expect(await days(1, 1)).toEqual(['12']);
  expect(await days(5, 2)).toEqual(['10']);
  expect(await days(1, 3)).toEqual([]);
});

test('a bill that was read is no resource that was looked at', () => {
  const asOf = '2026-11-14T08:00:00.000Z';
  const coverage = coverageForTeam([
    { scope: 'bill:main', status: 'complete', reason: null, asOf },
    { scope: HERE, status: 'failed', reason: 'denied', asOf: null },
  ]);
  expect(coverage.map(({ scope, status }) => [scope, status])).toEqual([
    ['bill:*', 'complete'],
    ['estate', 'partial'],
  ]);
});
