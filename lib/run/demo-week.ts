import type { FastClock } from '../demo/clock.ts';
import type { Answer } from '../demo/people.ts';
import { pressed } from '../demo/press.ts';
import type { DemoSlack } from '../demo/slack.ts';
import type { Happening } from '../demo/timeline.ts';
import { digestContent } from '../digest/content.ts';
import type { DigestContent } from '../digest/content-model.ts';
import type { ReportDetail } from '../digest/detail-model.ts';
import { BursarError } from '../platform/errors.ts';
import type { Progress } from '../platform/progress.ts';
import type { Auditor } from './auditor.ts';
import { digestInput } from './digest.ts';
import { reportDetail } from './report/detail.ts';
import { respond } from './respond/index.ts';
import type { RespondParts } from './respond/model.ts';
import { sweep } from './sweep/index.ts';
import type { SweepParts } from './sweep/model.ts';
import { wholeAudit } from './whole.ts';

/** The week to be played: the real use cases over a cloud, a workspace and a clock of the demo's own. */
export interface Week {
  readonly start: Date;
  readonly end: Date;
  readonly clock: FastClock;
  readonly slack: DemoSlack;
  /** When the company is audited, in order; where bills have come since the last time, they are read, too. */
  readonly audits: readonly { readonly at: Date; readonly bills: boolean }[];
  /** The auditor of that moment: the estate as it is, and the bills as delivered by then where they are asked for. */
  readonly auditor: (bills: boolean) => Promise<Auditor>;
  readonly sweep: SweepParts;
  readonly respond: RespondParts;
  readonly answers: readonly Answer[];
  /** What requests are signed with. */
  readonly secret: string;
}

/** Sweeps run that often (config `deploy.schedules.sweep`). */
const SWEEP_MS = 15 * 60_000;
const MINUTE_MS = 60_000;

/**
 * Plays the days after the audit of today: audits, sweeps that may stop, and people who answer. A sweep that has
 * nothing to do is left out. Gives what happened, in order, and the digest of the end.
 */
export async function playWeek(
  week: Week,
  progress: Progress,
): Promise<{
  readonly happened: readonly Happening[];
  readonly content: DigestContent;
  readonly detail: ReportDetail;
}> {
  const { clock, end } = week;
  const happened: Happening[] = [];
  const audits = [...week.audits];
  const waiting = new Map(week.answers.map((answer) => [answer, null as Date | null]));
  let swept = week.start;
  for (;;) {
    notice(week, waiting);
    const sweepAt = await nextSweep(week, swept);
    const [answer, answerAt] = soonest(waiting);
    const [audit] = audits;
    const next = earliest([audit?.at, answerAt, sweepAt]);
    if (next === null || next >= end) break;
    clock.to(next);
    if (next === audit?.at) {
      audits.shift();
      progress.step(`the company on ${next.toISOString().slice(0, 10)}`);
      await wholeAudit(await week.auditor(audit.bills), `r-demo-${next.toISOString()}`, false, clock.now());
    } else if (next === answerAt && answer !== null) {
      waiting.delete(answer);
      happened.push(await answered(week, answer));
    } else {
      swept = next;
      happened.push(...(await sweptNow(week)));
    }
  }
  clock.to(end);
  const auditor = await week.auditor(false);
  const input = await digestInput(auditor, 'week', { sources: null, scopes: null }, clock.now());
  const content = digestContent(input);
  return { happened, content, detail: await reportDetail(auditor, content, null, end) };
}

/** Whoever sees a button for the first time answers some time after. */
function notice({ slack, clock }: Week, waiting: Map<Answer, Date | null>): void {
  for (const [answer, at] of waiting)
    if (at === null && slack.offered(answer.user, answer.resource, answer.action) !== null)
      waiting.set(answer, new Date(clock.now().getTime() + answer.minutes * MINUTE_MS));
}

function soonest(waiting: ReadonlyMap<Answer, Date | null>): [Answer | null, Date | undefined] {
  let found: [Answer | null, Date | undefined] = [null, undefined];
  for (const [answer, at] of waiting)
    if (at !== null && (found[1] === undefined || at < found[1])) found = [answer, at];
  return found;
}

/** The first sweep after `last` that has something to do; undefined where nothing waits. */
async function nextSweep({ sweep: { ledger }, end }: Week, last: Date): Promise<Date | undefined> {
  const [id] = await ledger.due(end.toISOString(), 1);
  const record = id === undefined ? null : await ledger.get(id);
  if (record === null || record.wakeAt === null) return undefined;
  const earliestOne = Math.max(Date.parse(record.wakeAt), last.getTime() + 1);
  return new Date(Math.ceil(earliestOne / SWEEP_MS) * SWEEP_MS);
}

function earliest(times: readonly (Date | undefined)[]): Date | null {
  return times.reduce<Date | null>(
    (found, at) => (at !== undefined && (found === null || at < found) ? at : found),
    null,
  );
}

async function sweptNow({ sweep: parts }: Week): Promise<Happening[]> {
  const at = parts.clock().toISOString();
  const { lines, faults } = await sweep(parts, 'act');
  if (faults.length > 0)
    throw new BursarError('internal', `a sweep of the demo met a fault: ${faults.join('; ')}`);
  const happened: Happening[] = [];
  for (const { findingId, did, told } of lines) {
    const record = await parts.ledger.get(findingId);
    if (record !== null) happened.push({ kind: 'swept', at, did, told, record });
  }
  return happened;
}

async function answered(week: Week, answer: Answer): Promise<Happening> {
  const now = week.clock.now();
  const at = now.toISOString();
  const offered = week.slack.offered(answer.user, answer.resource, answer.action);
  if (offered === null) return { kind: 'answered', at, answer, stored: false };
  let outcome: unknown = null;
  const info: RespondParts['log']['info'] = (_message, more) => {
    outcome = more?.['outcome'] ?? outcome;
  };
  const parts = { ...week.respond, log: { ...week.respond.log, info } };
  const { status, body } = await respond(parts, pressed(answer, offered, week.secret, now));
  if (status !== 200) throw new BursarError('internal', `a click of the demo was refused: ${body}`);
  return { kind: 'answered', at, answer, stored: outcome === 'stored' };
}
