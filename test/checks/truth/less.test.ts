import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { checks, judgeAll } from '../../../lib/checks/index.ts';
import type { Facts, Judgement } from '../../../lib/checks/model.ts';
import type { Telemetry } from '../../../lib/estate/model.ts';
import { decimal } from '../../../lib/focus/decimal.ts';
import { gapOf } from '../../../lib/platform/coverage.ts';
import { facts, NOW } from '../facts.ts';
import { CASES, SETTINGS } from './cases.ts';
import { type Case, estateOf } from './model.ts';

const judged = (all: Facts) => judgeAll(all, SETTINGS, NOW).judgements;

/** May something be done about it? Rules of tags act on what is written, not on what was measured. */
function acts({ check, verdict }: Judgement): boolean {
  return (
    verdict !== 'NONCOMPLIANT' &&
    checks.find(({ id }) => id === check)?.verdicts[verdict]?.actionable === true
  );
}

const key = ({ check, resourceId }: Judgement) => `${check} ${resourceId}`;

/**
 * What of a case was lost on the way: series, points of one, the bill or its costs, or the look at a dataset or a whole
 * scope, with the things and the stores that it would have found.
 */
const lost = fc.record({
  which: fc.nat({ max: CASES.length - 1 }),
  series: fc.array(fc.nat({ max: 12 }), { maxLength: 4 }),
  points: fc.option(
    fc.record({
      series: fc.nat({ max: 12 }),
      every: fc.integer({ min: 1, max: 400 }),
      from: fc.nat({ max: 400 }),
    }),
  ),
  bill: fc.constantFrom('whole', 'costs', 'all'),
  scope: fc.constantFrom('complete', 'partial', 'failed', 'not-covered', 'one dataset'),
  dataset: fc.nat({ max: 60 }),
  things: fc.array(fc.nat({ max: 12 }), { maxLength: 6 }),
});

function withLess(one: Case, gone: typeof lost extends fc.Arbitrary<infer T> ? T : never): Facts {
  const whole = estateOf([one], facts());
  const cut = (series: Telemetry, at: number): Telemetry =>
    gone.points !== null && gone.points.series === at
      ? { ...series, points: series.points.filter((_, hour) => hour % (gone.points?.every ?? 1) !== 0) }
      : series;
  const datasets = [
    ...new Set([
      ...whole.resources.flatMap(({ dataset }) => dataset ?? []),
      ...checks.flatMap((check) => (check.datasets === 'all' ? [] : check.datasets)),
    ]),
  ];
  const { scope } = gone;
  const failed = datasets[gone.dataset % datasets.length] ?? '';
  // A look that failed finds some of what is there, or nothing; one that was whole finds all.
  const found = <T extends { readonly dataset?: string | undefined }>(things: readonly T[]): T[] =>
    things.filter(
      ({ dataset }, at) =>
        scope === 'complete' ||
        !gone.things.includes(at) ||
        (scope === 'one dataset' && (dataset ?? failed) !== failed),
    );
  return {
    ...whole,
    resources: found(whole.resources),
    vectorIndexes: { ...whole.vectorIndexes, current: found(whole.vectorIndexes.current) },
    telemetry: whole.telemetry.map(cut).filter((_, at) => !gone.series.includes(at)),
    ...(gone.bill === 'whole' ? {} : { costs: [], storageCosts: [] }),
    ...(gone.bill === 'all' ? { billDetail: [], tagSpend: [], aiCalls: [], billWindow: null } : {}),
    coverage: whole.coverage.map((entry) =>
      scope === 'complete' || entry.status !== 'complete'
        ? entry
        : {
            ...entry,
            status: scope === 'one dataset' ? 'partial' : scope,
            reason: 'a call failed',
            ...(scope === 'one dataset' ? { incomplete: [failed] } : {}),
          },
    ),
  };
}

const before = new Map(
  CASES.map((one) => [one, new Map(judged(estateOf([one], facts())).map((each) => [key(each), each]))]),
);

/** Finds everything that less knowledge of a case made worse, and how many verdicts that act fell. */
function worse(one: Case, less: Facts): { readonly faults: readonly string[]; readonly fell: number } {
  const faults: string[] = [];
  let fell = 0;
  for (const after of judged(less)) {
    const was = before.get(one)?.get(key(after));
    const did = was !== undefined && acts(was);
    if (did && !acts(after)) fell += 1;
    const became = `${one.name}: ${after.check} ${was?.verdict ?? 'nothing'} became ${after.verdict}`;
    if (acts(after) && !did) faults.push(became);
    const saving = after.monthlySaving;
    if (saving !== null && decimal(saving.amount).gt(was?.monthlySaving?.amount ?? '-1'))
      faults.push(`${became}, and its saving ${saving.amount}`);
    // What may be acted on rests on what was read whole, and on nothing else.
    const unread = after.scopes.filter(
      (name) => !name.startsWith('bill:') && gapOf(less.coverage, name) !== null,
    );
    if (acts(after) && unread.length > 0)
      faults.push(`${became}, though ${unread.join()} was not read whole`);
  }
  return { faults, fell };
}

it('each series and each dataset that is missing alone makes no verdict that acts, and raises no saving', () => {
  const faults: string[] = [];
  let fell = 0;
  for (const one of CASES) {
    const whole = estateOf([one], facts());
    const look = (less: Partial<Facts>) => {
      const found = worse(one, { ...whole, ...less });
      faults.push(...found.faults);
      fell += found.fell;
    };
    const without = (gone: (series: Telemetry, at: number) => boolean) =>
      look({ telemetry: whole.telemetry.filter((series, at) => !gone(series, at)) });
    if (whole.telemetry.length > 1)
      whole.telemetry.forEach((_, index) => without((_series, at) => at === index));
    for (const metric of new Set(whole.telemetry.map((series) => series.metric)))
      without((series) => series.metric === metric);
    for (const failed of new Set(whole.resources.flatMap(({ dataset }) => dataset ?? [])))
      look({
        resources: whole.resources.filter(({ dataset }) => dataset !== failed),
        coverage: whole.coverage.map((entry) =>
          entry.status === 'complete'
            ? { ...entry, status: 'partial', reason: 'a call failed', incomplete: [failed] }
            : entry,
        ),
      });
  }
  expect(faults).toEqual([]);
  expect(fell).toBeGreaterThan(20);
});

it('no hour that is missing alone makes a verdict that acts or raises a saving, not even the busiest', () => {
  const faults: string[] = [];
  for (const one of CASES) {
    const whole = estateOf([one], facts());
    for (const series of whole.telemetry) {
      const busiest = series.points.toSorted((a, b) => b.value - a.value)[0];
      const telemetry = whole.telemetry.map((each) =>
        each === series ? { ...each, points: each.points.filter((point) => point !== busiest) } : each,
      );
      faults.push(...worse(one, { ...whole, telemetry }).faults);
    }
  }
  expect(faults).toEqual([]);
});

it('what is missing together never makes a verdict that acts, and never raises a saving', () => {
  let fell = 0;
  fc.assert(
    fc.property(lost, (gone) => {
      const one = CASES[gone.which];
      if (one === undefined) return;
      const found = worse(one, withLess(one, gone));
      expect(found.faults).toEqual([]);
      fell += found.fell;
    }),
    { numRuns: 2_000 },
  );
  // The property says something only where verdicts fall.
  expect(fell).toBeGreaterThan(20);
});
