import { context, cut, escape, header, paragraph } from '../notices/blocks.ts';
import type { Announcement } from '../notices/model.ts';
import type { DigestContent } from './content-model.ts';
import { digestFormat } from './format.ts';
import type { Interval } from './model.ts';
import { freshness, shortHeadline } from './words.ts';

/**
 * What is said in the place of a digest where the time for the next has come and bills tell of no later period than the
 * last: else a channel that hears nothing would take it that all is well.
 * @param due the period that a digest should be of by now
 */
export function overdueAnnouncement(content: DigestContent, due: Interval): Announcement {
  const format = digestFormat(content.timezone, content.locale);
  const title = shortHeadline({ ...content, period: due }, format);
  const told = `No digest of this ${content.kind}: the bills do not tell all of it yet. The newest that they tell whole is of ${format.period(content.period)}, which was posted before.`;
  return {
    id: `${content.id}/overdue/${due.start}`,
    message: {
      text: escape(cut(`${title}. ${told}`, 2900)),
      blocks: [
        header(title),
        paragraph(told),
        context([`${freshness(content, format)}. bursar doctor tells how fresh each bill is.`]),
      ],
    },
    thread: [],
  };
}
