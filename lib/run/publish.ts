import { addressPart } from '../digest/address.ts';
import { digestContent } from '../digest/content.ts';
import type { DigestContent } from '../digest/content-model.ts';
import { digestHtml } from '../digest/html.ts';
import type { Audience, Interval, PeriodKind } from '../digest/model.ts';
import { overdueAnnouncement } from '../digest/overdue.ts';
import { reportTables } from '../digest/report-tables.ts';
import { digestAnnouncement } from '../digest/slack.ts';
import type { Poster } from '../notices/model.ts';
import type { Archive } from '../platform/archive.ts';
import { rememberArchived, reportId } from './archived.ts';
import { lastAudit } from './audit.ts';
import type { Auditor } from './auditor.ts';
import { digestInput } from './digest.ts';
import { pageScript } from './page-script.ts';
import { lastWholePeriod } from './period.ts';
import { reportDetail } from './report/detail.ts';
import { archiveTables } from './report/files.ts';

export interface Published {
  /** The digest's own id, the same for the same organisation and period; null where there was none to make. */
  readonly id: string | null;
  /** Where the report lies. */
  readonly report: string | null;
  readonly posted: 'posted' | 'already' | 'no new bills' | 'no Slack configured' | 'no audit yet';
}

/** Of the tables beside a report, the one that people ask for. */
const FINDINGS_CSV = 'findings.csv';

/** Where a digest is told. */
export interface PublishIn {
  readonly poster: Poster;
  readonly channel: string;
  /** Does somebody answer clicks there? Only then the digest has a button that opens the report. */
  readonly clicks: boolean;
}

/**
 * Writes the report of the last whole period and posts its digest, once a period. The report is stored first and
 * stays should Slack refuse. Before the first audit there is nothing to tell, and a digest of nothing would take
 * the place of the period's real one: none is made. Where bills tell of nothing newer than the last, that is said.
 */
export async function publish(
  auditor: Auditor,
  kind: PeriodKind,
  archive: Archive,
  slack: (() => Promise<PublishIn>) | null,
  now: Date,
  audience: Audience = { kind: 'everyone' },
): Promise<Published> {
  if ((await lastAudit(auditor.ledger)) === null) return { id: null, report: null, posted: 'no audit yet' };
  const content = digestContent(
    await digestInput(auditor, kind, { sources: null, scopes: null }, now, audience),
  );
  // The page's further tables are of everybody.
  const detail = audience.kind === 'team' ? null : await reportDetail(auditor, content, null, now);
  const { id, period } = content;
  const date = period.start.slice(0, 10);
  const folder = `${folderOf(audience)}${kind}/`;
  const key = `${folder}${date}.html`;
  const report = await archive.put(
    key,
    digestHtml(content, {
      script: await pageScript(),
      ...(detail === null ? {} : { detail, beside: date }),
    }),
    'text/html; charset=utf-8',
  );
  const tables = `${folder}${date}/`;
  if (detail !== null) await archiveTables(archive, tables, reportTables(content, detail));
  if (slack === null) return { id, report, posted: 'no Slack configured' };
  const { poster, channel, clicks } = await slack();
  const button = clicks ? reportId(id) : null;
  const announcement = digestAnnouncement(content, button);
  const posted = await poster.post({ ...announcement, thread: [] }, channel);
  // Its button works as soon as it can be seen, whatever becomes of the thread.
  if (button !== null)
    await rememberArchived(auditor.ledger, {
      id: button,
      key,
      ...(detail === null ? {} : { table: `${tables}${FINDINGS_CSV}` }),
      channel: posted.channel,
    });
  await poster.post(announcement, channel);
  const due = posted.outcome === 'already' ? overdue(content, posted.ts) : null;
  if (due === null) return { id, report, posted: posted.outcome };
  await poster.post(overdueAnnouncement(content, due), channel);
  return { id, report, posted: 'no new bills' };
}

/**
 * The period of which a digest should have come by now, where bills tell of none that is newer than what was posted at
 * `ts`, and that long ago: a run that is tried again says nothing of it.
 */
function overdue({ kind, period, now, timezone }: DigestContent, ts: string): Interval | null {
  const half = (Date.parse(period.end) - Date.parse(period.start)) / 2;
  const due = lastWholePeriod(kind, new Date(now), null, timezone).period;
  return due.start > period.start && Date.parse(now) - Number(ts) * 1000 > half ? due : null;
}

/** Reports for others lie apart. */
function folderOf(audience: Audience): string {
  if (audience.kind === 'everyone') return '';
  return audience.kind === 'team' ? `team/${addressPart(audience.team)}/` : `${audience.kind}/`;
}
