import { scheduleExpression } from '../../config/schedule.ts';
import { longestGap } from '../../config/schedule-times.ts';
import type { Config } from '../../config/schema.ts';
import type { LedgerStore } from '../../ledger/model.ts';
import { lastAudit } from '../audit.ts';
import { digestStandings } from '../digest-due.ts';
import { latestReports } from '../reports.ts';
import { readSwitch } from '../respond/switch.ts';
import { type TaskReport, taskKey } from '../tasks.ts';
import { digestsOf } from './digests.ts';
import type { Examined } from './examined.ts';

const HOUR = 3_600_000;
/** What runs on a schedule is late after so long beside its longest gap: windows, retries, and the run itself. */
const GRACE = 3 * HOUR;
/** A kill switch is there for an hour of trouble; after so long it is forgotten. */
const PAUSED_LONG = 7 * 24 * HOUR;
/** Examples that a line names. */
const MOST_NAMED = 3;

/** What the deployed functions left in the ledger: when they last ran, and what they could not read. */
export async function examineLedger(ledger: LedgerStore, config: Config, now: Date): Promise<Examined[]> {
  const newer = await ledger.newer();
  return [
    newer.length === 0
      ? { what: 'ledger', state: 'works', told: 'readable', todo: null }
      : {
          what: 'ledger',
          state: 'fails',
          told: `${newer.length} rows were written by a newer version`,
          todo: 'Update this bursar, or deploy the newer version again.',
        },
    await examineSwitch(ledger, now),
    ...collected(await latestReports(ledger), config, now),
    await audited(ledger, config, now),
    ...(await digests(ledger, config, now)),
  ];
}

async function examineSwitch(ledger: LedgerStore, now: Date): Promise<Examined> {
  const what = 'kill switch';
  const { paused, by, at } = await readSwitch(ledger);
  if (!paused) return { what, state: 'works', told: 'off: stops go on', todo: null };
  const long = at === null || now.getTime() - Date.parse(at) > PAUSED_LONG;
  return {
    what,
    state: long ? 'fails' : 'works',
    told: `on since ${at ?? 'nobody knows when'} by ${by ?? 'nobody knows whom'}: nothing is stopped`,
    todo: long ? 'Where it is no longer meant: /bursar resume in Slack.' : null,
  };
}

/** Bills and scopes as the collectors last reported them: their own roles are tried by that, with each run. */
function collected(reports: readonly TaskReport[], config: Config, now: Date): Examined[] {
  if (reports.length === 0)
    return [
      { what: 'collection', state: 'not tried', told: 'no plan has run yet', todo: 'Wait for the first.' },
    ];
  const late = lateAfter(config.deploy.schedules.collect, config);
  const stale = reports.filter(({ finishedAt }) => late !== null && ageOf(finishedAt, now) > late);
  const gaps = new Map<string, string[]>();
  for (const { coverage } of reports)
    for (const { scope, status, reason } of coverage)
      if (status === 'failed' || status === 'partial') {
        const why = (reason ?? 'no reason given').replaceAll(scope, 'it');
        gaps.set(why, [...(gaps.get(why) ?? []), scope]);
      }
  return [
    stale.length === 0
      ? {
          what: 'collection',
          state: 'works',
          told: `${reports.length} bills and scopes, each as new as its schedule`,
          todo: null,
        }
      : {
          what: 'collection',
          state: 'fails',
          told: `${stale.length} of ${reports.length} bills and scopes are older than their schedule: ${some(stale.map(({ task }) => taskKey(task)))}`,
          todo: 'See dead letters, and the log of the function collect.',
        },
    ...[...gaps].map(
      ([why, scopes]): Examined => ({ what: some(scopes), state: 'fails', told: why, todo: null }),
    ),
  ];
}

async function audited(ledger: LedgerStore, config: Config, now: Date): Promise<Examined> {
  const what = 'last audit';
  const last = await lastAudit(ledger);
  if (last === null) return { what, state: 'not tried', told: 'none yet, or by a newer version', todo: null };
  const late = lateAfter(config.deploy.schedules.audit, config);
  return late !== null && ageOf(last.now, now) > late
    ? { what, state: 'fails', told: `${last.now}: it is late`, todo: 'See the log of the function audit.' }
    : { what, state: 'works', told: last.now, todo: null };
}

async function digests(ledger: LedgerStore, config: Config, now: Date): Promise<Examined[]> {
  const standings = await digestStandings(ledger, digestsOf(config), config.organisation.timezone, now);
  return standings.map(({ id, sentAt, late }): Examined => {
    const what = `digest ${id}`;
    const told = sentAt === null ? 'none was sent yet' : `last sent ${sentAt}`;
    if (late === null)
      return { what, state: 'not tried', told: 'no sweep has looked for it yet', todo: null };
    return late
      ? {
          what,
          state: 'fails',
          told: `${told}, and one is late`,
          todo: 'See docs/runbook.md, "A digest is missing".',
        }
      : { what, state: 'works', told, todo: null };
  });
}

/** Null for a schedule that never fires again. */
function lateAfter(schedule: string, { organisation }: Config): number | null {
  const gap = longestGap(scheduleExpression(schedule), organisation.timezone);
  return gap === null ? null : gap + GRACE;
}

/** What never finished is older than anything. */
function ageOf(at: string, now: Date): number {
  const then = Date.parse(at);
  return Number.isNaN(then) ? Number.POSITIVE_INFINITY : now.getTime() - then;
}

function some(names: readonly string[]): string {
  const more = names.length - MOST_NAMED;
  return `${names.slice(0, MOST_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
