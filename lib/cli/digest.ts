import { digestContent } from '../digest/content.ts';
import { digestHtml } from '../digest/html.ts';
import type { PeriodKind } from '../digest/model.ts';
import { digestAnnouncement } from '../digest/slack.ts';
import { digestText } from '../digest/text.ts';
import { assembleCli } from '../run/assemble/cli.ts';
import { unitsOf } from '../run/assemble/units.ts';
import { digestInput } from '../run/digest.ts';
import { pageScript } from '../run/page-script.ts';
import { reportDetail } from '../run/report/detail.ts';
import { ingestNamed } from '../run/whole.ts';
import { type CommonOptions, colourWanted, nowOf, print, terminalProgress } from './io.ts';

/** `bursar digest`: prints the brief, or with `--post` sends it to the digest channel. */
export async function digest(
  options: CommonOptions & { period: PeriodKind; bills?: string[]; post?: true },
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
  await print(await render(), options);

  async function render(): Promise<string> {
    switch (options.format) {
      case 'json':
        return JSON.stringify(content, null, 2);
      case 'html':
        return digestHtml(content, {
          script: await pageScript(),
          detail: await reportDetail(
            assembled.auditor,
            content,
            { units: unitsOf(assembled.config, assembled.auditor.lake, sources, process.cwd()) },
            sources,
            now,
          ),
        });
      case 'slack':
        return JSON.stringify(digestAnnouncement(content).message, null, 2);
      default:
        return digestText(content, { colour: colourWanted(options) });
    }
  }
}
