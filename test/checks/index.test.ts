import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { checkSettings, checks, defaultCheckSettings, judgeAll } from '../../lib/checks/index.ts';
import type { Facts } from '../../lib/checks/model.ts';
import { ACCOUNT, arn, cost, facts, idleTelemetry, machine, NOW, SCOPE, series, spend } from './facts.ts';

describe('the registry', () => {
  it('knows a schema and the verdicts of every check', () => {
    expect(checks.map(({ id }) => id)).toEqual(Object.keys(checkSettings));
    for (const { verdicts } of checks)
      for (const [verdict, { actionable }] of Object.entries(verdicts))
        if (actionable) expect(['IDLE', 'UNUSED', 'EXPIRED', 'NONCOMPLIANT']).toContain(verdict);
  });

  it('has schemas that editors can complete from', () => {
    for (const schema of Object.values(checkSettings))
      expect(z.toJSONSchema(schema)).toMatchObject({ type: 'object', additionalProperties: false });
  });

  it('runs what has settings, and refuses settings that are wrong', () => {
    const all = facts({ resources: [machine()], telemetry: idleTelemetry(), costs: [cost()] });
    expect(judgeAll(all, {}, NOW)).toEqual({ judgements: [], checksRun: [] });
    const { judgements, checksRun } = judgeAll(all, defaultCheckSettings(), NOW);
    expect(checksRun).toEqual(['idle-gpu', 'untagged', 'tag-policy', 'stale-embeddings']);
    expect(judgements.map(({ check, verdict }) => [check, verdict])).toEqual([
      ['idle-gpu', 'IDLE'],
      ['untagged', 'NONCOMPLIANT'],
    ]);
    expect(judgeAll(all, { untagged: { defaultRequired: ['x'] } }, NOW).judgements).toHaveLength(1);
    expect(() => judgeAll(all, { 'idle-gpu': { below: 'five' } }, NOW)).toThrow('below');
  });

  it('gives the same judgements for facts in any order', () => {
    const resources = [1, 2, 3].map((n) => machine({ id: arn(`i-000000000000000${n}`) }));
    const given = { resources, telemetry: idleTelemetry(), costs: [cost()], tagSpend: [spend(), spend({ resourceId: null })] };
    const turned = { ...given, resources: resources.toReversed(), telemetry: idleTelemetry().toReversed(), tagSpend: given.tagSpend.toReversed() };
    const ids = (f: Partial<Facts>) =>
      judgeAll(facts(f), defaultCheckSettings(), NOW)
        .judgements.map(({ check, resourceId, verdict }) => `${check} ${resourceId} ${verdict}`)
        .toSorted();
    expect(ids(turned)).toEqual(ids(given));
  });

  it('judges many resources without looking at any twice', () => {
    const many = 20_000;
    let reads = 0;
    const id = (n: number) => arn(`i-${n.toString(16).padStart(17, '0')}`);
    const shape = series('gpu-utilization', '0', 0, { hours: 1 });
    const all = facts({
      resources: Array.from({ length: many }, (_, n) => machine({ id: id(n), tags: { owner: 'a' } })),
      telemetry: Array.from({ length: many }, (_, n) => ({
        ...shape,
        get resourceId() {
          reads++;
          return id(n);
        },
      })),
      costs: Array.from({ length: many }, (_, n) => cost({ resourceId: id(n) })),
      tagSpend: Array.from({ length: many }, (_, n) => spend({ resourceId: id(n), tags: { owner: 'a' } })),
      coverage: [{ scope: SCOPE, status: 'complete', reason: null, asOf: NOW.toISOString() }],
    });
    const { judgements } = judgeAll(all, defaultCheckSettings(), NOW);
    expect(judgements).toHaveLength(many);
    expect(reads).toBeLessThanOrEqual(2 * many);
    expect(judgements[0]?.accountId).toBe(ACCOUNT);
  });
});
