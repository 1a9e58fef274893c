import type { DigestContent } from './content-model.ts';
import type { ReportDetail } from './detail-model.ts';
import { evidenceValue } from './evidence-words.ts';
import { scopesTable } from './html-quality.ts';
import { budgetPercent } from './outlook-words.ts';
import type { Column, DataTable } from './table.ts';

const text = (id: string): Column => ({ id, label: id, kind: 'text' });
const money = (id: string): Column => ({ id, label: id, kind: 'money' });
const number = (id: string): Column => ({ id, label: id, kind: 'number' });
const percent = (id: string): Column => ({ id, label: id, kind: 'percent' });
const day = (id: string): Column => ({ id, label: id, kind: 'day' });
const instant = (id: string): Column => ({ id, label: id, kind: 'instant' });

/** Every table of the report page, whole, with amounts as they are; a table without rows is told by its header. */
export function reportTables(content: DigestContent, detail: ReportDetail): DataTable[] {
  return [
    findings(content, detail),
    daily(content),
    forecast(content),
    ...(detail.spend === null ? [] : [spend(detail.spend)]),
    movers(content),
    anomalies(content),
    budgets(content),
    ...commitments(content),
    ...detail.ai.flatMap(({ tables }) => tables),
    ...(detail.stops === null ? [] : [detail.stops]),
    scopesTable(detail),
    ...(detail.quality.bills === null ? [] : [detail.quality.bills]),
  ];
}

function findings({ findings: lines }: DigestContent, detail: ReportDetail): DataTable {
  return {
    id: 'findings',
    caption: 'Every open finding, the largest saving first',
    columns: [
      ...['finding', 'check', 'verdict', 'severity', 'confidence', 'state', 'provider', 'account'].map(text),
      ...['region', 'resource_type', 'resource_id', 'resource_name', 'owner', 'owner_source'].map(text),
      number('age_days'),
      instant('first_seen'),
      instant('last_seen'),
      text('cost_basis'),
      text('currency'),
      money('monthly_cost'),
      money('monthly_saving'),
      ...['reason', 'evidence', 'cannot_see', 'policy'].map(text),
    ],
    rows: lines.map((line) => {
      const more = detail.findings.get(line.findingId);
      return [
        line.findingId,
        line.check,
        line.verdict,
        line.severity,
        line.confidence,
        line.state,
        line.provider,
        line.accountId,
        line.region,
        line.resourceType,
        line.resourceId,
        line.title,
        line.owner,
        more?.ownerSource ?? null,
        String(line.ageDays),
        more?.firstSeen ?? null,
        more?.lastSeen ?? null,
        line.costBasis,
        (line.monthlySaving ?? line.monthlyCost)?.currency ?? null,
        line.monthlyCost?.amount ?? null,
        line.monthlySaving?.amount ?? null,
        line.reason,
        line.evidence.map((each) => `${each.name}: ${evidenceValue(each)}`).join('; '),
        line.blindSpots.join(' '),
        more?.policy?.rule ?? null,
      ];
    }),
    source: 'ledger: open findings',
  };
}

function daily({ daily: series }: DigestContent): DataTable {
  return {
    id: 'spend-by-day',
    caption: 'Cost a day, all charges',
    columns: [day('day'), text('currency'), money('effective_cost'), text('in_period')],
    rows: series.flatMap(({ currency, days }) =>
      days.map((each) => [each.day, currency, each.amount, each.inPeriod ? 'yes' : 'no']),
    ),
    source: series[0]?.source ?? 'bills: EffectiveCost a day',
  };
}

function forecast({ forecast: figures }: DigestContent): DataTable {
  return {
    id: 'forecast',
    caption: 'Settled days, and days to the end of the month as they are expected',
    columns: [
      day('day'),
      text('currency'),
      money('settled'),
      money('expected'),
      ...['low_80', 'high_80', 'low_90', 'high_90'].map(money),
    ],
    rows: figures.flatMap(({ currency, settled, expected }) => [
      ...settled.map((each) => [each.day, currency, each.amount, null, null, null, null, null]),
      ...expected.map(({ day: date, amount, ranges }) => {
        const range = (level: number) => ranges.find((each) => each.level === level);
        const [wide, wider] = [range(0.8), range(0.9)];
        return [
          date,
          currency,
          null,
          amount,
          wide?.low ?? null,
          wide?.high ?? null,
          wider?.low ?? null,
          wider?.high ?? null,
        ];
      }),
    ]),
    source: figures[0]?.source ?? 'bursar forecast',
  };
}

function spend({ rows, source }: NonNullable<ReportDetail['spend']>): DataTable {
  return {
    id: 'spend',
    caption: 'Spend of the period by team, service, model and resource',
    columns: [...['team', 'service', 'model', 'resource', 'currency'].map(text), money('effective_cost')],
    rows: rows.map((row) => [row.team, row.service, row.model, row.resource, row.currency, row.effective]),
    source,
  };
}

function movers({ movers: rows, period, former }: DigestContent): DataTable {
  return {
    id: 'movers',
    caption: 'Services whose cost changed most',
    columns: [
      ...['provider', 'service', 'currency'].map(text),
      ...['former', 'current', 'difference'].map(money),
      percent('percent'),
    ],
    rows: rows.map((row) => [
      row.provider,
      row.service,
      row.currency,
      row.former,
      row.current,
      row.difference,
      row.percent,
    ]),
    source: `bills: EffectiveCost by service, ${period.start}/${period.end} against ${former.start}/${former.end}`,
  };
}

function anomalies({ anomalies: figure }: DigestContent): DataTable {
  return {
    id: 'anomalies',
    caption: 'What cost other than its own past led to expect',
    columns: [
      ...['what', 'kind'].map(text),
      day('first'),
      day('last'),
      text('currency'),
      ...['impact', 'seen', 'expected_low', 'expected_high'].map(money),
      text('owner'),
      text('open'),
    ],
    rows: (figure?.lines ?? []).map(({ what, kind, first, last, impact, judged, owner, open }) => [
      what.join(', '),
      kind,
      first,
      last,
      impact.currency,
      impact.amount,
      judged.value.amount,
      judged.low.amount,
      judged.high.amount,
      owner,
      open ? 'yes' : 'no',
    ]),
    source: figure?.source ?? 'bursar anomalies',
  };
}

function budgets({ budgets: lines }: DigestContent): DataTable {
  return {
    id: 'budgets',
    caption: 'How the budgets stand',
    columns: [
      text('budget'),
      instant('start'),
      instant('end'),
      text('currency'),
      ...['limit', 'spent'].map(money),
      percent('percent'),
      money('expected'),
      text('not_counted'),
    ],
    rows: lines.map((line) => [
      line.name,
      line.start,
      line.end,
      line.limit.currency,
      line.limit.amount,
      line.spent.amount,
      budgetPercent(line),
      line.outlook?.total.amount ?? null,
      line.notComparable.map(({ amount }) => `${amount.amount} ${amount.currency}`).join(' + ') || null,
    ]),
    source: lines[0]?.source ?? 'bursar budgets',
  };
}

function commitments({ commitments: figure }: DigestContent): DataTable[] {
  const source = figure?.source ?? 'bursar commitments';
  return [
    {
      id: 'commitment-advice',
      caption: 'What to commit, a row a purchase',
      columns: [
        ...['programme', 'term', 'payment'].map(text),
        day('buy_on'),
        ...['condition', 'currency'].map(text),
        ...['hourly', 'saving_in_30_days', 'worst_over_the_term'].map(money),
        ...['utilisation', 'chance_of_a_loss'].map(number),
        text('reason'),
      ],
      rows: (figure?.advice ?? []).flatMap((each) =>
        each.schedule.map(({ at, hourly, condition }) => [
          each.programme,
          each.rate.term,
          each.rate.payment,
          at,
          condition,
          hourly.currency,
          hourly.amount,
          each.monthlySaving.amount,
          each.worst.saving.amount,
          each.utilisation,
          each.lossProbability,
          each.reason,
        ]),
      ),
      source,
    },
    {
      id: 'commitment-coverage',
      caption: 'How much of what commitments could cover they do',
      columns: [...['kind', 'currency'].map(text), ...['covered', 'on_demand'].map(money), number('share')],
      rows: (figure?.coverage ?? []).map(({ kind, currency, covered, onDemand, share }) => [
        kind,
        currency,
        covered,
        onDemand,
        share,
      ]),
      source,
    },
    {
      id: 'commitments-held',
      caption: 'What is committed',
      columns: [
        ...['commitment', 'name', 'programme', 'provider'].map(text),
        instant('ends'),
        text('currency'),
        ...['used', 'unused'].map(money),
        number('utilisation'),
      ],
      rows: (figure?.held ?? []).map(({ id, name, programme, provider, ends, used, unused, utilisation }) => [
        id,
        name,
        programme,
        provider,
        ends,
        used.currency,
        used.amount,
        unused.amount,
        utilisation,
      ]),
      source,
    },
  ];
}
