import type { Person } from '../../ledger/life.ts';
import type { LedgerStore } from '../../ledger/model.ts';
import type { NoticeLine } from '../../notices/messages/item.ts';
import type { NoticeDoc } from '../../notices/notice.ts';
import { ANSWERABLE, noticesOf } from '../../notices/notice.ts';

/** One resource that a person was warned of and that is still theirs to answer, or to bring back. */
export interface Mine {
  readonly notice: NoticeDoc;
  readonly index: number;
  readonly line: NoticeLine;
}

/** What this person was told of, newest first: only findings whose current notice went to them. */
export async function mineOf(
  ledger: Pick<LedgerStore, 'getDoc' | 'getDocs' | 'getMany'>,
  person: Person,
): Promise<Mine[]> {
  const notices = (await noticesOf(ledger, person)).toReversed();
  const ids = [...new Set(notices.flatMap(({ items }) => items.map(({ findingId }) => findingId)))];
  const records = new Map((await ledger.getMany(ids)).map((record) => [record.finding.id, record]));
  return notices.flatMap((notice) =>
    notice.items.flatMap(({ findingId }, index) => {
      const record = records.get(findingId);
      const told = record?.life?.notice ?? null;
      if (record === undefined || told === null || told.id !== notice.id) return [];
      if (told.recipient.person?.user !== person.user || told.recipient.person.team !== person.team)
        return [];
      if (record.finding.state === 'RESOLVED') return [];
      const { finding, life } = record;
      return [{ notice, index, line: { finding, life, last: null } }];
    }),
  );
}

/** Waiting for the person first. */
export function inOrder(mine: readonly Mine[]): Mine[] {
  const rank = ({ line }: Mine) => (ANSWERABLE.has(line.finding.state) ? 0 : 1);
  return mine.toSorted((a, b) => rank(a) - rank(b));
}
