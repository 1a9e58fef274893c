import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { isPaidAllTheSame } from '../../lib/checks/after-stop.ts';
import { checkSettings, checks, defaultCheckSettings, judgeAll } from '../../lib/checks/index.ts';
import type { Facts } from '../../lib/checks/model.ts';
import type { Resource } from '../../lib/estate/model.ts';
import { arn, cost, facts, idleTelemetry, machine, NOW, SCOPE, series, spend } from './facts.ts';

function ids(given: Partial<Facts>): string[] {
  return judgeAll(facts(given), defaultCheckSettings(), NOW)
    .judgements.map(({ check, resourceId, verdict }) => `${check} ${resourceId} ${verdict}`)
    .toSorted();
}

function nth(n: number): string {
  return arn(`i-${n.toString(16).padStart(17, '0')}`);
}

/** What is told of a machine at work, past its date and of a former generation, and is it said to be paid all the same? */
const told = (attributes: Resource['attributes'], costs: Facts['costs']) =>
  judgeAll(
    facts({
      resources: [
        machine({
          tags: { expires: '2026-11-01' },
          attributes: { ...attributes, currentGeneration: false },
        }),
      ],
      telemetry: [...idleTelemetry(), series('gpu-utilization', '1', 60, { source: 'another' })],
      costs,
    }),
    defaultCheckSettings(),
    NOW,
  ).judgements.map(({ check, verdict, evidence }) => [check, verdict, isPaidAllTheSame(evidence)]);

const found = (paid: boolean) => [
  ['expired-experiment', 'HELD', paid],
  ['previous-generation', 'INEFFICIENT', paid],
];

describe('the registry', () => {
  it('knows a schema and the verdicts of every check', () => {
    expect(checks.map(({ id }) => id)).toEqual(Object.keys(checkSettings));
    const actionable = checks.flatMap(({ id, verdicts }) =>
      Object.entries(verdicts).flatMap(([verdict, rule]) => (rule.actionable ? [`${id} ${verdict}`] : [])),
    );
    expect(actionable).toEqual([
      'idle-gpu IDLE',
      'tag-policy NONCOMPLIANT',
      'stale-embeddings UNUSED',
      'expired-experiment EXPIRED',
      'unattached-volume UNUSED',
      'idle-address UNUSED',
      'idle-load-balancer UNUSED',
      'idle-load-balancer IDLE',
      'idle-nat-gateway IDLE',
      'idle-database IDLE',
      'logs-kept-for-ever NONCOMPLIANT',
      'idle-endpoint IDLE',
    ]);
  });

  it('has schemas that editors can complete from', () => {
    for (const schema of Object.values(checkSettings))
      expect(z.toJSONSchema(schema)).toMatchObject({ type: 'object', additionalProperties: false });
  });

  it('runs what has settings, and refuses settings that are wrong', () => {
    const all = facts({ resources: [machine()], telemetry: idleTelemetry(), costs: [cost()] });
    expect(judgeAll(all, {}, NOW)).toEqual({ judgements: [], checksRun: [] });
    const { judgements, checksRun } = judgeAll(all, defaultCheckSettings(), NOW);
    expect(checksRun).toEqual(Object.keys(checkSettings));
    expect(judgements.map(({ check, verdict }) => [check, verdict])).toEqual([
      ['idle-gpu', 'IDLE'],
      ['untagged', 'NONCOMPLIANT'],
    ]);
    expect(judgeAll(all, { untagged: { defaultRequired: ['x'] } }, NOW).judgements).toHaveLength(1);
    expect(() => judgeAll(all, { 'idle-gpu': { below: 'five' } }, NOW)).toThrow('below');
  });

  it('gives the same judgements for facts in any order', () => {
    const resources = [1, 2, 3].map((n) => machine({ id: arn(`i-000000000000000${n}`) }));
    const given = {
      resources,
      telemetry: idleTelemetry(),
      costs: [cost()],
      tagSpend: [spend(), spend({ resourceId: null })],
    };
    const turned = {
      ...given,
      resources: resources.toReversed(),
      telemetry: idleTelemetry().toReversed(),
      tagSpend: given.tagSpend.toReversed(),
    };
    expect(ids(turned)).toEqual(ids(given));
  });

  it('tells of each judgement whether its machine runs in what is paid for all the same: any may be stopped', () => {
    expect(told({ capacityReservation: 'cr-1' }, [cost()])).toEqual(found(true));
    expect(told({ lifecycle: 'capacity-block' }, [cost()])).toEqual(found(true));
    expect(told({ lifecycle: 'on-demand', capacityReservation: null }, [cost()])).toEqual(found(false));
    const idle = judgeAll(
      facts({
        resources: [machine({ attributes: { capacityReservation: 'cr-1' } })],
        telemetry: idleTelemetry(),
      }),
      { 'idle-gpu': {} },
      NOW,
    ).judgements;
    // Its bill may come after the stop.
    expect(idle).toMatchObject([{ verdict: 'IDLE', monthlyCost: null, monthlySaving: null }]);
    expect(idle.map(({ evidence }) => isPaidAllTheSame(evidence))).toEqual([true]);
  });

  it('judges many resources without looking at any twice', () => {
    const many = 2_000;
    let reads = 0;
    const shape = series('gpu-utilization', '0', 0, { hours: 1 });
    const all = facts({
      resources: Array.from({ length: many }, (_, n) => machine({ id: nth(n), tags: { owner: 'a' } })),
      telemetry: Array.from({ length: many }, (_, n) => ({
        ...shape,
        get resourceId() {
          reads++;
          return nth(n);
        },
      })),
      costs: Array.from({ length: many }, (_, n) => cost({ resourceId: nth(n) })),
      tagSpend: Array.from({ length: many }, (_, n) => spend({ resourceId: nth(n), tags: { owner: 'a' } })),
      coverage: [{ scope: SCOPE, status: 'complete', reason: null, asOf: NOW.toISOString() }],
    });
    const { judgements } = judgeAll(all, defaultCheckSettings(), NOW);
    expect(judgements).toHaveLength(many);
    expect(reads).toBeLessThanOrEqual(2 * many);
    expect(reads).toBeGreaterThanOrEqual(many);
  });
});
