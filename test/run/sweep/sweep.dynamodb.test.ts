import { setTimeout as sleep } from 'node:timers/promises';
import { expect, inject, test } from 'vitest';
import type { Action } from '../../../lib/actions/model.ts';
import { DEFAULT_RULES } from '../../../lib/ledger/decide/index.ts';
import { dynamoLedger } from '../../../lib/ledger/dynamodb.ts';
import type { Notice, Recipient } from '../../../lib/ledger/life.ts';
import type { FindingRecord, Write } from '../../../lib/ledger/model.ts';
import { stepOf } from '../../../lib/ledger/step.ts';
import { sweep } from '../../../lib/run/sweep/index.ts';
import { termsOf } from '../../../lib/run/terms.ts';
import { createTable, documents } from '../../ledger/dynamodb-bench.ts';
import { judgement } from '../../ledger/fixtures.ts';
import { ARN, TERMS, world } from './world.ts';

/** More by the environment, for measuring: 10,000 of which 100 may be stopped. */
const DUE = Number(process.env['BURSAR_DUE'] ?? '300');
const CAP = Math.floor(DUE / 100);
/** What a call to the cloud takes, milliseconds. */
const LATENCY = 20;

const ana: Recipient = {
  kind: 'owner',
  id: 'ana@acme.example',
  person: { user: 'U0ANA', team: 'T0' },
  source: 'tag owner',
};

/** A finding that was warned of a day ago, as its three writes. */
function due(machine: string, start: Date): Write[] {
  const judged = judgement({ resourceId: `${ARN}${machine}`, resourceName: machine });
  const terms = { ...termsOf([], TERMS)(judged), recipient: ana };
  const cause = { actor: 'audit', runId: 'audit-1', rules: DEFAULT_RULES };
  const event = { type: 'judged', judgement: judged, ...terms } as const;
  const writes: Write[] = [];
  const step = (record: FindingRecord | null, next: Parameters<typeof stepOf>[1]) => {
    const { write, record: after } = stepOf(record, next, start, cause);
    if (write !== null) writes.push(write);
    return after;
  };
  const pending = step(step(null, event), event);
  const notice: Notice = {
    id: `n-${Math.floor(Number(machine.slice(2)) / 5)}`,
    recipient: ana,
    channel: 'D1',
    ts: '1.1',
    deliveredAt: start.toISOString(),
    reminded: true,
    lastCalled: true,
  };
  const fingerprint = { launch: '2026-10-01T00:00:00.000Z', parent: null };
  const dueAt = new Date(start.getTime() + 86_400_000).toISOString();
  step(pending, { type: 'delivered', notice, fingerprint, dueAt });
  return writes;
}

function slow(action: Action, calls: string[]): Action {
  const late = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    calls.push(name);
    await sleep(LATENCY);
    return await work();
  };
  return {
    ...action,
    read: (target, session) => late('read', () => action.read(target, session)),
    apply: (plan, session) => late('apply', () => action.apply(plan, session)),
    verify: (plan, session) => late('verify', () => action.verify(plan, session)),
  };
}

test(`of ${DUE} due findings as many are stopped as the cap allows, and the cloud is asked of no others`, async () => {
  const client = documents(inject('dynamodbUrl'));
  const table = `sweep-${DUE}-${process.pid}`;
  await createTable(client, table);
  const ledger = dynamoLedger({ client, table });
  const names = Array.from({ length: DUE }, (_, index) => `i-${index}`);
  const made = world(names);
  const rounds = names.map((name) => due(name, made.now()));
  for (const round of [0, 1, 2]) {
    const outcomes = await ledger.putMany(rounds.flatMap((writes) => writes[round] ?? []));
    expect(new Set(outcomes)).toEqual(new Set(['written']));
  }
  made.pass(24 * 60 + 1);
  const calls: string[] = [];
  const base = made.parts({
    ledger,
    settings: { caps: { organisation: { count: CAP, money: {} }, account: null }, concurrency: 8 },
  });
  const parts = { ...base, actions: base.actions.map((action) => slow(action, calls)) };
  const begun = performance.now();
  const report = await sweep(parts, 'act');
  const took = performance.now() - begun;
  if (process.env['BURSAR_DUE'] !== undefined) process.stdout.write(`${DUE} due: ${took.toFixed(0)} ms\n`);
  expect(report.faults).toEqual([]);
  expect(made.log).toHaveLength(CAP);
  // A read, an apply and a verify of each that was stopped; nobody else's resource was touched.
  expect(calls.filter((call) => call === 'read').length).toBe(CAP);
  expect(calls.filter((call) => call === 'apply')).toHaveLength(CAP);
  expect(made.reads.looks).toBeLessThanOrEqual(Math.ceil(CAP / 50) + 1);
  expect(report.lines.filter(({ did }) => did === 'blocked')).toHaveLength(DUE - CAP);
  // What is held back for the same reason is not written again.
  const before = (await ledger.getMany(report.lines.map(({ findingId }) => findingId))).map(
    ({ version }) => version,
  );
  await sweep({ ...parts, runId: 'second' }, 'act');
  const after = (await ledger.getMany(report.lines.map(({ findingId }) => findingId))).map(
    ({ version }) => version,
  );
  expect(after).toEqual(before);
  expect(made.log).toHaveLength(CAP);
  await ledger.close();
});
