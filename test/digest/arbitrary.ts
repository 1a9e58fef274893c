import * as fc from 'fast-check';
import type { DigestInsight } from '../../lib/digest/insight-model.ts';
import type { DigestInput } from '../../lib/digest/model.ts';
import type { Finding } from '../../lib/ledger/model.ts';
import { amount, currency, name } from './attacks.ts';
import { emptyInput, finding } from './inputs.ts';
import { anomalyOf, forecastOf, fullInsight, movedOf } from './insight-inputs.ts';

const money = fc.record({ amount, currency });

const someFinding: fc.Arbitrary<Finding> = fc
  .record({
    check: fc.constantFrom('idle-gpu', 'untagged', 'stale-embeddings', 'tag-policy'),
    // Few ids, so that several findings meet on one resource.
    resourceId: fc.oneof(fc.constantFrom('a', 'b', 'c'), name),
    resourceName: fc.option(name),
    region: name,
    owner: fc.option(
      fc.record({ id: name, source: fc.constant('tag owner'), confidence: fc.constant('high' as const) }),
    ),
    verdict: fc.constantFrom(
      'IDLE' as const,
      'UNUSED' as const,
      'NONCOMPLIANT' as const,
      'SUSPECTED' as const,
      'HELD' as const,
      'UNOBSERVED' as const,
    ),
    costBasis: fc.constantFrom('billed' as const, 'list-estimate' as const, 'unknown' as const),
    monthlyCost: fc.option(money),
    monthlySaving: fc.option(money),
    reason: name,
  })
  .map((changes) => finding(changes));

/** Any company: no bill or many, hostile names, several currencies, credits, gaps. */
export const anyInput: fc.Arbitrary<DigestInput> = fc
  .record({
    name,
    kind: fc.constantFrom('day' as const, 'week' as const, 'month' as const),
    asOf: fc.option(fc.constant('2026-11-09T00:00:00Z')),
    spend: fc.uniqueArray(
      fc.record({ currency, current: amount, former: fc.option(amount), estimated: fc.boolean() }),
      { selector: (row) => row.currency, maxLength: 4 },
    ),
    daily: fc.array(
      fc.record({
        day: fc
          .integer({ min: 0, max: 40 })
          .map((day) => new Date(Date.UTC(2026, 9, day)).toISOString().slice(0, 10)),
        currency,
        effective: amount,
      }),
      { maxLength: 40 },
    ),
    byService: fc.array(
      fc.record({ provider: name, service: name, currency, current: amount, former: amount }),
      {
        maxLength: 12,
      },
    ),
    tagging: fc.uniqueArray(
      fc.record({
        currency,
        tagged: amount,
        untagged: amount,
        notActivated: amount,
        untaggable: amount,
        unknown: amount,
      }),
      { selector: (row) => row.currency, maxLength: 3 },
    ),
    findings: fc.array(someFinding, { maxLength: 40 }),
    resolved: fc.array(someFinding, { maxLength: 6 }),
    coverage: fc.array(
      fc.record({
        scope: name,
        status: fc.constantFrom(
          'complete' as const,
          'partial' as const,
          'failed' as const,
          'not-covered' as const,
        ),
        reason: fc.option(name),
        asOf: fc.constant(null),
      }),
      { maxLength: 12 },
    ),
  })
  .map(({ name: organisation, resolved, ...rest }) =>
    emptyInput({
      ...rest,
      organisation: { name: organisation, timezone: 'Europe/Berlin', currency: 'USD' },
      resolved: resolved.map((one) => ({ ...one, state: 'RESOLVED' as const })),
    }),
  );

/** Analysis of hostile names and any amounts. */
export const anyInsight: fc.Arbitrary<DigestInsight> = fc
  .record({ names: fc.array(name, { minLength: 1, maxLength: 4 }), amount, currency })
  .map(({ names, amount: text, currency: unit }) => {
    const sum = { amount: text, currency: unit };
    const { commitments, movers, anomalies, budgets, ...rest } = fullInsight();
    return {
      ...rest,
      forecasts: [
        forecastOf({
          currency: unit,
          notes: names,
          budget: { name: names[0] ?? '', limit: sum, aDay: sum },
        }),
      ],
      budgets: budgets.map((budget) => ({ ...budget, name: names[0] ?? '', limit: sum })),
      anomalies: {
        ...anomalies,
        notes: names,
        rows: names.map((each) =>
          anomalyOf({
            key: { service: each, team: each },
            impact: sum,
            owner: { id: each },
            causes: [{ kind: 'resource', value: each, difference: '1', share: 1 }],
          }),
        ),
      },
      commitments: {
        ...commitments,
        held: commitments.held.map((held) => ({ ...held, id: names[0] ?? '', name: names[0] ?? '' })),
        untold: commitments.untold.map((each) => ({ ...each, programme: names[0] ?? '' })),
      },
      movers: {
        ...movers,
        drivers: names.map((each) => ({ ...movedOf(), of: { service: each, model: each, team: each } })),
      },
    };
  });
