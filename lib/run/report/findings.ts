import type { DigestContent } from '../../digest/content-model.ts';
import type { EvidenceSeries, FindingDetail } from '../../digest/detail-model.ts';
import type { AuditRecord, FindingRecord, LedgerStore } from '../../ledger/model.ts';
import type { Auditor } from '../auditor.ts';
import { type Explained, explainKnown, newestLooks } from '../explain.ts';

/** The dearest findings that are read with their history, and with what was measured. */
const HISTORIES = 1000;
const MEASURED = 500;
/** Histories asked for at once. */
const AT_ONCE = 25;
/** What a dataset may call is told by `bursar explain`. */
const UNNAMED_CALLS: ReadonlyMap<string, never> = new Map<string, never>();
/** A plot has no more points: of longer series each one is the largest of several. */
const MOST_POINTS = 336;

/** Everything that the page tells of each open finding, in the order of the digest. */
export async function findingDetails(
  { lake, ledger, checks }: Pick<Auditor, 'lake' | 'ledger' | 'checks'>,
  { findings }: DigestContent,
): Promise<Map<string, FindingDetail>> {
  const ids = findings.map(({ findingId }) => findingId);
  const records = new Map((await ledger.getMany(ids)).map((record) => [record.finding.id, record] as const));
  const histories = await historiesOf(ledger, ids.slice(0, HISTORIES));
  const newest = newestLooks(lake);
  const details = new Map<string, FindingDetail>();
  for (const [at, id] of ids.entries()) {
    const record = records.get(id);
    if (record === undefined) continue;
    const known = await explainKnown({ record }, newest, UNNAMED_CALLS, checks);
    details.set(id, detailOf(known, histories.get(id) ?? null, at < MEASURED));
  }
  return details;
}

async function historiesOf(
  ledger: Pick<LedgerStore, 'history'>,
  ids: readonly string[],
): Promise<Map<string, AuditRecord[]>> {
  const found = new Map<string, AuditRecord[]>();
  for (let at = 0; at < ids.length; at += AT_ONCE)
    await Promise.all(
      ids.slice(at, at + AT_ONCE).map(async (id) => {
        found.set(id, await ledger.history(id));
      }),
    );
  return found;
}

function detailOf(
  known: { readonly record: FindingRecord } & Pick<
    Explained,
    'series' | 'saving' | 'asked' | 'wouldChange' | 'advice'
  >,
  history: AuditRecord[] | null,
  withSeries: boolean,
): FindingDetail {
  const { finding, life } = known.record;
  const hold = life?.hold ?? null;
  return {
    ownerSource: finding.owner?.source ?? null,
    firstSeen: finding.firstSeen,
    lastSeen: finding.lastSeen,
    dueAt: finding.dueAt,
    policy:
      life === null ? null : { mode: life.policy.mode, rule: life.policy.rule, grace: life.policy.grace },
    hold: hold === null ? null : { kind: hold.kind, until: hold.until, reason: hold.reason },
    saving: known.saving,
    wouldChange: known.wouldChange,
    asked: known.asked.map(({ scope, dataset, asOf }) => ({ scope, dataset, asOf })),
    advice: known.advice.map(({ adviser, finding: said, action }) => `${adviser}: ${said}; ${action}`),
    history: history?.map(({ at, actor, from, to, reason }) => ({ at, actor, from, to, reason })) ?? null,
    // How many samples came is evidence; it is no picture of use.
    series: withSeries
      ? known.series.filter(({ statistic }) => statistic !== 'sample-count').flatMap(seriesOf)
      : [],
  };
}

/** Points on an even grid, with gaps where nothing was measured. */
function seriesOf({
  metric,
  statistic,
  unit,
  device,
  source,
  period,
  points,
  top,
}: Explained['series'][number]): EvidenceSeries[] {
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined || period <= 0) return [];
  const start = Date.parse(first.at);
  const place = (at: string) => Math.round((Date.parse(at) - start) / (period * 1000));
  const every = Math.ceil((place(last.at) + 1) / MOST_POINTS);
  const values: (number | null)[] = Array.from(
    { length: Math.ceil((place(last.at) + 1) / every) },
    () => null,
  );
  for (const { at, value } of points) {
    const slot = Math.floor(place(at) / every);
    const known = values[slot] ?? null;
    // Of several, the one that speaks against idleness stands: what is drawn never looks more idle than it was.
    values[slot] = known === null ? shortened(value) : Math.max(known, shortened(value));
  }
  const what = `${metric}, ${statistic}`;
  return [
    {
      what: every === 1 ? what : `${what}, largest of ${every}`,
      device,
      unit,
      source,
      start: first.at,
      period: period * every,
      values,
      top,
    },
  ];
}

/** Four digits: enough for a plot. */
function shortened(value: number): number {
  return Number(value.toPrecision(4));
}
