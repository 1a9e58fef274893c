import type { Decimal } from '../focus/decimal.ts';
import type { Finding } from '../ledger/model.ts';
import type { DecisionLine, LifeFigure, LifeId } from './content-model.ts';
import { wasteLine } from './figures.ts';
import type { DigestInput } from './model.ts';
import { exact } from './number.ts';
import { totalSaving, wastedResources } from './waste.ts';

const LABELS: Readonly<Record<LifeId, string>> = {
  stopped: 'Stopped',
  undone: 'Brought back',
  exempted: 'Exempted',
  failed: 'Failed',
  'in-grace': 'In grace',
};
const ORDER: readonly LifeId[] = ['stopped', 'undone', 'exempted', 'failed', 'in-grace'];
const TITLES = 5;

/** What became of findings, each resource once in each line; lines of nothing are left out. */
export function lifeFigures({ life, findings, period, now }: DigestInput, main: string): LifeFigure[] {
  const of: Record<LifeId, readonly Finding[]> = {
    stopped: newest(life, 'stopped'),
    undone: newest(life, 'undone'),
    exempted: newest(life, 'exempted'),
    failed: newest(life, 'failed'),
    'in-grace': findings.filter((finding) => isInGrace(finding, now)),
  };
  return ORDER.flatMap((id) => {
    const all = of[id];
    if (all.length === 0) return [];
    const titles = new Map(
      all.map((finding) => [
        JSON.stringify([finding.provider, finding.resourceId]),
        wasteLine(finding, now).title,
      ]),
    );
    const { amounts, estimated } = totalSaving(wastedResources(all, main));
    const priced = wastedResources(all, main).filter(({ saving }) => saving !== null).length;
    return [
      {
        id,
        label: LABELS[id],
        count: titles.size,
        amounts: [...amounts, ...(estimated ?? [])],
        unpriced: titles.size - priced,
        titles: [...titles.values()].slice(0, TITLES),
        source:
          id === 'in-grace'
            ? `findings: WARNED or ACKNOWLEDGED with a due date after ${now}`
            : `trail of the ledger, ${period.start}/${period.end}`,
      },
    ];
  });
}

/** Warned of, and still time to say no. */
export function isInGrace({ state, dueAt }: Finding, now: string): boolean {
  return (state === 'WARNED' || state === 'ACKNOWLEDGED') && dueAt !== null && dueAt > now;
}

function newest(life: DigestInput['life'], id: LifeId): Finding[] {
  return (life?.events ?? [])
    .filter((event) => event.id === id)
    .toSorted((a, b) => (a.at < b.at ? 1 : -1))
    .map(({ finding }) => finding);
}

/** What somebody must decide: what would save most first, what has no price last. */
export function decisionLines({ life, now }: DigestInput): DecisionLine[] {
  return (life?.decisions ?? [])
    .map(({ finding, kind, since, asked, press }) => ({
      kind,
      line: wasteLine(finding, now),
      since,
      asked,
      press,
      source: `finding ${finding.id}`,
    }))
    .toSorted((a, b) => worth(b).comparedTo(worth(a)) || (a.line.findingId < b.line.findingId ? -1 : 1));
}

function worth({ line }: DecisionLine): Decimal {
  return exact((line.monthlySaving ?? line.monthlyCost)?.amount ?? '-1');
}
