import { dirname, relative, resolve } from 'node:path';
import { audienceOf } from '../digest/audience.ts';
import { digestContent } from '../digest/content.ts';
import { digestEmail } from '../digest/email.ts';
import { explained } from '../digest/explain.ts';
import { explainText } from '../digest/explain-text.ts';
import { digestFormat } from '../digest/format.ts';
import { digestHtml } from '../digest/html.ts';
import type { Audience, PeriodKind } from '../digest/model.ts';
import { reportTables } from '../digest/report-tables.ts';
import { digestAnnouncement } from '../digest/slack.ts';
import { digestText } from '../digest/text.ts';
import { BursarError } from '../platform/errors.ts';
import { assembleCli } from '../run/assemble/cli.ts';
import { digestChannel } from '../run/assemble/digests.ts';
import { digestInput } from '../run/digest.ts';
import { pageScript } from '../run/page-script.ts';
import { reportDetail } from '../run/report/detail.ts';
import { writeTables } from '../run/report/files.ts';
import { ingestNamed } from '../run/whole.ts';
import { type CommonOptions, colourWanted, nowOf, print, terminalProgress } from './io.ts';

/** Where the tables lie, as the page beside them calls it; left out where either has no place of its own. */
function besideOf({ out, tables }: { out?: string; tables?: string }): { beside?: string } {
  if (out === undefined || tables === undefined) return {};
  return { beside: relative(dirname(resolve(out)), resolve(tables)) || '.' };
}

export interface DigestOptions extends CommonOptions {
  readonly period: PeriodKind;
  readonly for: string;
  readonly bills?: string[];
  readonly post?: true;
  readonly explain?: true;
  readonly tables?: string;
}

/** `bursar digest`: prints the brief, or with `--post` sends it to the digest channel. */
export async function digest(options: DigestOptions): Promise<void> {
  const audience = audienceOf(options.for);
  mustFit(options, audience);
  const now = nowOf(options);
  const progress = terminalProgress();
  await using assembled = await assembleCli(options, now, progress);
  const sources = assembled.named ? await ingestNamed(assembled.auditor, now, progress) : null;
  const content = digestContent(
    await digestInput(assembled.auditor, options.period, { sources, scopes: null }, now, audience),
  );
  progress.done();
  if (options.post) {
    const { channel, poster } = await assembled.slack(
      digestChannel(assembled.config, content.audience, undefined),
    );
    const posted = await poster.post(digestAnnouncement(content), channel);
    progress.warn(
      posted.outcome === 'already'
        ? `already posted in ${posted.channel} at ${posted.ts}`
        : `posted in ${posted.channel} at ${posted.ts}`,
    );
  }
  // The page's further tables are of everybody: a team's page has none.
  const wantsDetail = audience.kind !== 'team' && (options.tables !== undefined || options.format === 'html');
  const detail = wantsDetail ? await reportDetail(assembled.auditor, content, sources, now) : null;
  if (options.tables !== undefined && detail !== null)
    await writeTables(options.tables, reportTables(content, detail));
  await print(await render(), options);

  async function render(): Promise<string> {
    if (options.explain)
      return options.format === 'json'
        ? JSON.stringify(explained(content, digestFormat(content.timezone, content.locale)), null, 2)
        : explainText(content);
    switch (options.format) {
      case 'email':
        return digestEmail(content);
      case 'json':
        return JSON.stringify(content, null, 2);
      case 'html':
        return digestHtml(content, {
          script: await pageScript(),
          ...(detail === null ? {} : { detail }),
          ...besideOf(options),
        });
      case 'slack': {
        const { message, thread } = digestAnnouncement(content);
        return JSON.stringify({ ...message, thread }, null, 2);
      }
      default:
        return digestText(content, { colour: colourWanted(options) });
    }
  }
}

/** @throws BursarError for what cannot be had together */
function mustFit({ explain, format, tables }: DigestOptions, audience: Audience): void {
  if (explain && format !== 'text' && format !== 'json')
    throw new BursarError('input', `--explain has no --format ${format}`, { hint: 'Take text or json.' });
  if (tables !== undefined && audience.kind === 'team')
    throw new BursarError('input', '--tables are of everybody, and --for names a team', {
      hint: 'Leave one of them out.',
    });
}
