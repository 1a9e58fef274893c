import type {
  AiDriver,
  AiUseLine,
  AnomalyFigure,
  AnomalyLine,
  CommitmentFigure,
  DigestContent,
  ForecastFigure,
  Phrase,
  UnitLine,
} from './content-model.ts';
import { driverSentence, mainCauseOf } from './drivers.ts';
import type { DigestInsight, InsightAnomalies, InsightAnomaly, Interval } from './insight-model.ts';
import type { DigestInput } from './model.ts';
import { shortService } from './service-name.ts';
import { shortName } from './short-name.ts';

/** Models of which the digest tells; the report has the others. */
const AI_USES = 5;

/** Of a digest, what analysis adds: each with where it comes from. With no bill there is nothing to say. */
export function insightFigures(
  { insight, asOf, period }: Pick<DigestInput, 'insight' | 'asOf' | 'period'>,
  main: string,
): Pick<
  DigestContent,
  'forecast' | 'budgets' | 'anomalies' | 'commitments' | 'aiDrivers' | 'units' | 'aiUse'
> {
  if (insight === undefined)
    return {
      forecast: [],
      budgets: [],
      anomalies: null,
      commitments: null,
      aiDrivers: [],
      units: [],
      aiUse: [],
    };
  const fresh = `bills up to ${asOf ?? 'no day'}`;
  return {
    forecast: forecasts(insight, main, fresh),
    budgets: insight.budgets.map((budget) => ({
      ...budget,
      source: `bursar budgets: EffectiveCost of ${budget.start.slice(0, 10)}/${budget.end.slice(0, 10)} on settled days, without credits and corrections; ${fresh}`,
    })),
    anomalies: anomalies(insight.anomalies, fresh),
    commitments: commitments(insight, fresh),
    aiDrivers: drivers(insight, fresh),
    units: units(insight, period, fresh),
    aiUse: aiUse(insight, fresh),
  };
}

function units({ units: all }: DigestInsight, { start, end }: Interval, fresh: string): UnitLine[] {
  return all.map((unit) => ({
    ...unit,
    source: `bursar units: EffectiveCost of settled days by the metric of ${unit.name}, ${start.slice(0, 10)}/${end.slice(0, 10)}; ${fresh}`,
  }));
}

/** Of a model that nobody used in the week there is nothing to tell. */
function aiUse({ aiUse: all }: DigestInsight, fresh: string): AiUseLine[] {
  return all
    .filter(({ current }) => current.days > 0)
    .slice(0, AI_USES)
    .map((row) => ({
      ...row,
      source: `bursar efficiency: usage that ${row.source} tells, and EffectiveCost, ${row.current.start}/${row.current.end} against ${row.former.start}/${row.former.end}; ${fresh}`,
    }));
}

function forecasts({ forecasts: all }: DigestInsight, main: string, fresh: string): ForecastFigure[] {
  return all
    .map((each) => ({
      ...each,
      source: `bursar forecast: EffectiveCost a day in ${each.currency} without credits and corrections, ${each.settled.length} settled days before ${each.until}; ${fresh}`,
    }))
    .toSorted(
      (a, b) =>
        Number(a.currency !== main) - Number(b.currency !== main) || (a.currency < b.currency ? -1 : 1),
    );
}

function anomalies(found: InsightAnomalies, fresh: string): AnomalyFigure {
  const { since, minimum, judged, notes, untold, rows } = found;
  return {
    since,
    minimum,
    judged,
    notes,
    untold,
    lines: rows.map(anomalyLine),
    source: `bursar anomalies: EffectiveCost a day of ${judged} series on settled days, caught since ${since}, off by ${minimum} or more; ${fresh}`,
  };
}

function anomalyLine(row: InsightAnomaly): AnomalyLine {
  const what = Object.entries(row.key)
    .filter(
      ([axis, value]) =>
        value !== '' &&
        !(axis === 'team' && value === 'unallocated') &&
        !(axis === 'transfer' && value === 'no transfer'),
    )
    .map(([, value]) => value);
  return {
    ...row,
    what,
    cause: causeOf(row),
    owner: row.owner?.id ?? null,
    source: `bursar anomalies: ${row.source}, ${row.judged.start} to ${row.caught}`,
  };
}

/** The resource that makes it up, else its usage; how much of the change it is. */
function causeOf({ causes }: InsightAnomaly): Phrase | null {
  const cause = causes.find(({ kind }) => kind === 'resource') ?? causes[0];
  if (cause === undefined) return null;
  // Of a long id the end tells it from others.
  const name =
    cause.kind === 'resource' ? shortName({ resourceName: null, resourceId: cause.value }, 60) : cause.value;
  return [
    `${cause.kind} `,
    { name },
    ', ',
    { percent: String(Math.round(cause.share * 100)) },
    ' of the change',
  ];
}

function commitments({ commitments: told }: DigestInsight, fresh: string): CommitmentFigure {
  const { window } = told;
  const span = window === null ? 'no bill' : `${window.start.slice(0, 10)}/${window.end.slice(0, 10)}`;
  return {
    ...told,
    held: told.held.toSorted((a, b) => ((a.ends ?? '9') < (b.ends ?? '9') ? -1 : 1)),
    source: `bursar commitments: on-demand and covered usage of ${span}; ${fresh}`,
  };
}

function drivers({ movers }: DigestInsight, fresh: string): AiDriver[] {
  const { former, current } = movers;
  const span = `${current.start.slice(0, 10)}/${current.end.slice(0, 10)} against ${former.start.slice(0, 10)}/${former.end.slice(0, 10)}`;
  return movers.drivers.map((row) => ({
    sentence: driverSentence(row, row.of),
    change: { amount: row.difference, currency: row.currency },
    what: [
      // Of a long line the end is cut: whose it is comes first.
      ...(row.of.team === null ? [] : [{ name: row.of.team }, ', ']),
      { name: row.of.model ?? shortService(row.of.service) },
    ],
    cause: mainCauseOf(row),
    source: `bursar movers --ai: EffectiveCost of AI spend by service, model and team, ${span}; ${fresh}`,
  }));
}
