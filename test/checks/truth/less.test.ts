import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { checks, judgeAll } from '../../../lib/checks/index.ts';
import type { Facts, Judgement } from '../../../lib/checks/model.ts';
import type { Telemetry } from '../../../lib/estate/model.ts';
import { decimal } from '../../../lib/focus/decimal.ts';
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

/** What of a case was lost on the way: series, points of one, the bill, or the look at a dataset or a whole scope. */
const lost = fc.record({
  which: fc.nat({ max: CASES.length - 1 }),
  series: fc.array(fc.nat({ max: 12 }), { maxLength: 4 }),
  points: fc.option(fc.record({ series: fc.nat({ max: 12 }), every: fc.integer({ min: 1, max: 30 }) })),
  bill: fc.boolean(),
  scope: fc.constantFrom('complete', 'partial', 'failed', 'not-covered', 'one dataset'),
  dataset: fc.nat({ max: 20 }),
});

function withLess(one: Case, gone: typeof lost extends fc.Arbitrary<infer T> ? T : never): Facts {
  const whole = estateOf([one], facts());
  const cut = (series: Telemetry, at: number): Telemetry =>
    gone.points !== null && gone.points.series === at
      ? { ...series, points: series.points.filter((_, hour) => hour % (gone.points?.every ?? 1) !== 0) }
      : series;
  const datasets = [
    ...new Set([
      ...checks.flatMap((check) => (check.datasets === 'all' ? [] : check.datasets)),
      ...whole.resources.flatMap(({ dataset }) => dataset ?? []),
    ]),
  ];
  const { scope } = gone;
  return {
    ...whole,
    telemetry: whole.telemetry.map(cut).filter((_, at) => !gone.series.includes(at)),
    costs: gone.bill ? [] : whole.costs,
    coverage: whole.coverage.map((entry) =>
      scope === 'complete' || entry.status !== 'complete'
        ? entry
        : {
            ...entry,
            status: scope === 'one dataset' ? 'partial' : scope,
            reason: 'a call failed',
            ...(scope === 'one dataset'
              ? { incomplete: [datasets[gone.dataset % datasets.length] ?? ''] }
              : {}),
          },
    ),
  };
}

it('what is missing never makes a verdict that acts, and never raises a saving', () => {
  const before = new Map(
    CASES.map((one) => [one, new Map(judged(estateOf([one], facts())).map((each) => [key(each), each]))]),
  );
  let fell = 0;
  fc.assert(
    fc.property(lost, (gone) => {
      const one = CASES[gone.which];
      if (one === undefined) return;
      for (const after of judged(withLess(one, gone))) {
        const was = before.get(one)?.get(key(after));
        const did = was !== undefined && acts(was);
        if (did && !acts(after)) fell += 1;
        expect({
          became: `${one.name}: ${was?.verdict ?? 'nothing'} became ${after.verdict}`,
          acts: acts(after) && !did,
          raised:
            after.monthlySaving !== null &&
            decimal(after.monthlySaving.amount).gt(was?.monthlySaving?.amount ?? '-1'),
        }).toMatchObject({ acts: false, raised: false });
      }
    }),
    { numRuns: 3_000 },
  );
  // The property says something only where verdicts fall.
  expect(fell).toBeGreaterThan(20);
});
