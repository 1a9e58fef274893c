import type { FindingRecord } from '../../../lib/ledger/model.ts';
import type { Entry } from '../journal.ts';
import { atTheEnd, ends } from './ends.ts';
import type { Break, Rule } from './model.ts';
import { order } from './order.ts';
import { Past } from './past.ts';
import { clicks, notices } from './people.ts';
import { type Docs, saving, savingsKept } from './saving.ts';
import { stop } from './stop.ts';

const RULES: readonly Rule[] = [stop, order, clicks, notices, saving, ends];

/**
 * The rules of the design, checked entry by entry from the audit trail and the logs of cloud and Slack. It does not
 * know how Bursar decides.
 */
export function check(entries: readonly Entry[], records: readonly FindingRecord[], docs: Docs): Break[] {
  const past = new Past();
  const breaks: Break[] = [];
  for (const entry of entries) {
    for (const rule of RULES)
      rule(entry, past, (number, text) => breaks.push({ rule: number, seq: entry.seq, text }));
    past.add(entry);
  }
  const calm = entries.findLast(
    ({ run, fact }) => fact.kind === 'ended' && run?.startsWith('sweep') === true,
  );
  return [...breaks, ...atTheEnd(past, records, calm), ...savingsKept(past, docs, entries)];
}
