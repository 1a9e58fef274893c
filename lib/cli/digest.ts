import { dirname, relative, resolve } from 'node:path';
import { digestContent } from '../digest/content.ts';
import type { ReportDetail } from '../digest/detail-model.ts';
import { digestHtml } from '../digest/html.ts';
import type { PeriodKind } from '../digest/model.ts';
import { reportTables } from '../digest/report-tables.ts';
import { digestAnnouncement } from '../digest/slack.ts';
import { digestText } from '../digest/text.ts';
import { assembleCli } from '../run/assemble/cli.ts';
import { unitsOf } from '../run/assemble/units.ts';
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

/** `bursar digest`: prints the brief, or with `--post` sends it to the digest channel. */
export async function digest(
  options: CommonOptions & { period: PeriodKind; bills?: string[]; post?: true; tables?: string },
): Promise<void> {
  const now = nowOf(options);
  const progress = terminalProgress();
  await using assembled = await assembleCli(options, now, progress);
  const sources = assembled.named ? await ingestNamed(assembled.auditor, now, progress) : null;
  const content = digestContent(
    await digestInput(assembled.auditor, options.period, { sources, scopes: null }, now),
  );
  progress.done();
  if (options.post) {
    const { channel, poster } = await assembled.slack();
    const posted = await poster.post(digestAnnouncement(content), channel);
    progress.warn(
      posted.outcome === 'already'
        ? `already posted in ${posted.channel} at ${posted.ts}`
        : `posted in ${posted.channel} at ${posted.ts}`,
    );
  }
  const detail = options.tables === undefined ? null : await detailNow();
  if (options.tables !== undefined && detail !== null)
    await writeTables(options.tables, reportTables(content, detail));
  await print(await render(), options);

  async function detailNow(): Promise<ReportDetail> {
    const { auditor, config } = assembled;
    const units = unitsOf(config, auditor.lake, sources, process.cwd());
    return await reportDetail(auditor, content, { units }, sources, now);
  }

  async function render(): Promise<string> {
    switch (options.format) {
      case 'json':
        return JSON.stringify(content, null, 2);
      case 'html':
        return digestHtml(content, {
          script: await pageScript(),
          detail: detail ?? (await detailNow()),
          ...besideOf(options),
        });
      case 'slack':
        return JSON.stringify(digestAnnouncement(content).message, null, 2);
      default:
        return digestText(content, { colour: colourWanted(options) });
    }
  }
}
