import { gzipSync } from 'node:zlib';
import type { Evidence } from '../checks/model.ts';
import type { Money } from '../focus/money.ts';
import { type SpendAxis, type SpendNode, spendTree } from './breakdown.ts';
import type { DigestContent, WasteLine } from './content-model.ts';
import type { FindingDetail, ReportDetail } from './detail-model.ts';
import { evidenceValue, windowDays } from './evidence-words.ts';
import type { Format } from './format.ts';
import { plain } from './names.ts';
import { exact } from './number.ts';
import { pixel } from './page-data.ts';
import type { PageFinding, PageFindingMore, PageNode, PageRows, PageSpend } from './page-model.ts';

/** Rows as the page holds them, and what had to be left out. */
export interface PackedRows {
  /** Base64 of gzip of the JSON of `PageRows`. */
  readonly text: string;
  readonly shown: number;
  readonly all: number;
  /** The dearest so many have what was measured and their history with them. */
  readonly whole: number;
}

/** Characters that packed rows may take: the page with 10,000 findings stays below 4 MB. */
export const MOST_PACKED = 2_800_000;

/**
 * Packs the rows into at most `most` characters: where that is too little, plots and history of the cheapest go
 * first, then the cheapest rows.
 */
export function packRows(
  content: DigestContent,
  detail: ReportDetail | null,
  format: Format,
  most: number = MOST_PACKED,
): PackedRows {
  const { findings: lines } = content;
  const spend = spendRows(
    detail,
    content.spend.map(({ currency }) => currency),
    format,
  );
  const ranks = { cost: ranksOf(lines, 'monthlyCost'), saving: ranksOf(lines, 'monthlySaving') };
  const all = lines.map((line) =>
    pageFinding(line, detail?.findings.get(line.findingId) ?? null, ranks, format),
  );
  let [shown, whole] = [all.length, all.length];
  for (;;) {
    const findings = all.slice(0, shown).map((row, at) => (at < whole ? row : without(row)));
    const text = gzipSync(JSON.stringify({ findings, spend } satisfies PageRows)).toString('base64');
    if (text.length <= most || shown === 0)
      return { text, shown, all: all.length, whole: Math.min(whole, shown) };
    if (whole > 0) whole = whole <= 50 ? 0 : Math.floor(whole / 4);
    else shown = Math.floor(shown * Math.min(0.9, (most / text.length) * 0.98));
  }
}

function without(row: PageFinding): PageFinding {
  return row.more === null ? row : { ...row, more: { ...row.more, history: null, series: null } };
}

type Ranks = Readonly<Record<'cost' | 'saving', ReadonlyMap<string, number>>>;

/** Places by exact amounts, by currency in the order in which they come, since currencies are never compared. */
function ranksOf(lines: readonly WasteLine[], field: 'monthlyCost' | 'monthlySaving'): Map<string, number> {
  const currencies = [...new Set(lines.flatMap((line) => line[field]?.currency ?? []))];
  const place = (value: Money | null) =>
    value === null ? currencies.length : currencies.indexOf(value.currency);
  const sorted = lines
    .map((line) => ({ id: line.findingId, value: line[field], amount: exact(line[field]?.amount ?? '0') }))
    .toSorted((a, b) => place(a.value) - place(b.value) || b.amount.comparedTo(a.amount));
  return new Map(sorted.map(({ id }, at) => [id, at]));
}

const BASIS = { billed: 'billed', 'list-estimate': 'list price', unknown: '' } as const;

function pageFinding(
  line: WasteLine,
  detail: FindingDetail | null,
  ranks: Ranks,
  format: Format,
): PageFinding {
  return {
    id: line.findingId,
    check: line.check,
    verdict: line.verdict,
    severity: line.severity,
    state: stateText(line.state),
    confidence: line.confidence,
    provider: line.provider,
    account: plain(line.accountId, 60),
    region: plain(line.region, 40),
    type: plain(line.resourceType, 80),
    resource: plain(line.resourceId, 300),
    title: plain(line.title, 80) || '(no name)',
    owner: line.owner === null ? '' : plain(line.owner, 80),
    age: line.ageDays,
    cost: line.monthlyCost === null ? null : format.money(line.monthlyCost),
    basis: BASIS[line.costBasis],
    saving: line.monthlySaving === null ? null : format.money(line.monthlySaving),
    costRank: ranks.cost.get(line.findingId) ?? 0,
    savingRank: ranks.saving.get(line.findingId) ?? 0,
    reason: plain(line.reason, 400),
    evidence: line.evidence.map(evidenceRow),
    blind: line.blindSpots.map((spot) => plain(spot, 400)),
    more: detail === null ? null : moreOf(line, detail, format),
  };
}

export function stateText(state: string): string {
  return state.toLowerCase().replaceAll('_', ' ');
}

function evidenceRow({ name, value, unit, window, source }: Evidence): [string, string, string, string] {
  return [
    plain(name, 80),
    plain(evidenceValue({ value: plain(value, 200), unit: plain(unit, 40) }), 240),
    windowText(window),
    plain(source, 120),
  ];
}

/** `2026-11-09 08:00 to 2026-11-16 08:00 UTC` of an interval of two instants in UTC; any other window as it is. */
function windowText(window: string): string {
  const instant = String.raw`(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::\d\d(?:\.\d+)?)?Z`;
  const found = new RegExp(`^${instant}/${instant}$`).exec(window);
  if (found === null) return windowDays(window) ?? plain(window, 80);
  const [, from, fromTime, to, toTime] = found;
  return `${from} ${fromTime} to ${to} ${toTime} UTC`;
}

function moreOf(line: WasteLine, detail: FindingDetail, format: Format): PageFindingMore {
  const currency = line.monthlyCost?.currency ?? '';
  const { policy, hold, dueAt } = detail;
  return {
    facts: [
      ['Owner', owner(line, detail)],
      ['First seen', format.instant(detail.firstSeen)],
      ['Last seen', format.instant(detail.lastSeen)],
      ['Policy', policy === null ? 'none is kept' : policyText(policy)],
      ...(dueAt === null ? [] : [['Acted on', format.instant(dueAt)] as const]),
      ...(hold === null
        ? []
        : [
            ['Held', `${hold.kind} until ${format.instant(hold.until)}: ${plain(hold.reason, 200)}`] as const,
          ]),
    ],
    saving: detail.saving.map(({ what, amount, source }) => [
      plain(what, 120),
      format.exact({ amount, currency }),
      plain(source, 120),
    ]),
    change: detail.wouldChange.map((sentence) => plain(sentence, 400)),
    asked: detail.asked.map(({ scope, dataset, asOf }) =>
      [
        plain(scope, 80),
        ...(dataset === null ? [] : [plain(dataset, 80)]),
        asOf === null ? 'no look is kept' : `seen ${format.instant(asOf)}`,
      ].join(', '),
    ),
    advice: detail.advice.map((sentence) => plain(sentence, 400)),
    history:
      detail.history?.map(({ at, actor, from, to, reason }) => [
        format.instant(at),
        from === null || from === to ? stateText(to) : `${stateText(from)} to ${stateText(to)}`,
        plain(actor, 80),
        plain(reason, 300),
      ]) ?? null,
    series: detail.series.map(({ what, device, unit, source, start, period, values, top }) => ({
      what: plain(what, 80),
      name: device === null ? plain(what, 80) : `device ${plain(device, 40)}`,
      unit: plain(unit, 40),
      source: plain(source, 120),
      start: Date.parse(start),
      step: period * 1000,
      values,
      top,
    })),
  };
}

function owner(line: WasteLine, { ownerSource }: FindingDetail): string {
  if (line.owner === null) return 'nobody known';
  return `${plain(line.owner, 80)}${ownerSource === null ? '' : `, by ${plain(ownerSource, 80)}`}`;
}

function policyText({ mode, rule, grace }: NonNullable<FindingDetail['policy']>): string {
  return `${mode}${grace === null ? '' : ` after ${plain(grace, 40)}`}: ${plain(rule, 200)}`;
}

const WAYS: readonly { readonly name: string; readonly axes: readonly SpendAxis[] }[] = [
  { name: 'Team', axes: ['team', 'service', 'resource'] },
  { name: 'Service', axes: ['service', 'team', 'resource'] },
  { name: 'Model', axes: ['model', 'team', 'resource'] },
];
const NONE: Readonly<Record<SpendAxis, string>> = {
  team: '(no team)',
  service: '(no service)',
  model: '(no model)',
  resource: '(no resource)',
};

/** @param order of currencies: that of all else in the page, the organisation's own first */
function spendRows(detail: ReportDetail | null, order: readonly string[], format: Format): PageSpend[] {
  const groups = Map.groupBy(detail?.spend?.rows ?? [], ({ currency }) => currency);
  const place = (currency: string) => (order.includes(currency) ? order.indexOf(currency) : order.length);
  const sorted = [...groups].toSorted(([a], [b]) => place(a) - place(b));
  return sorted.map(([currency, leaves]) => ({
    currency: plain(currency, 20),
    ways: WAYS.map(({ name, axes }) => {
      // A charge without a model is no model's: what is parted by model is what has one.
      const own = name === 'Model' ? leaves.filter(({ model }) => model !== '') : leaves;
      const write = (nodes: readonly SpendNode[], depth: number): PageNode[] =>
        nodes.map((node) => [
          nodeName(node, axes[depth] ?? 'resource', format),
          format.exact({ amount: node.amount, currency }),
          pixel(node.amount) ?? 0,
          write(node.children, depth + 1),
        ]);
      return { name, nodes: write(spendTree(own, axes), 0) };
    }),
  }));
}

function nodeName({ name, parts }: SpendNode, axis: SpendAxis, format: Format): string {
  if (name === null) return parts === 1 ? '1 other' : `${format.count(parts)} others`;
  return plain(name, 120) || NONE[axis];
}
