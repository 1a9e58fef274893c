import { describe, expect, it } from 'vitest';
import { judgeAll } from '../../../lib/checks/index.ts';
import { idOf, toFinding } from '../../../lib/ledger/finding.ts';
import { savingLines, UNTOLD } from '../../../lib/ledger/saving-lines.ts';
import { facts, NOW } from '../facts.ts';
import { CASES as MOST, SETTINGS } from './cases.ts';
import { estateOf } from './model.ts';
import { TOLD_BY_ONE } from './traps-aws.ts';

const CASES = [...MOST, ...TOLD_BY_ONE];
/** Of each judgement what it says of what, in one order. */
const names = (all: readonly { check: string; verdict: string; resourceId: string }[]) =>
  all.map(({ check, verdict, resourceId }) => `${check} ${verdict} ${resourceId}`).toSorted();
const { judgements } = judgeAll(estateOf(CASES, facts()), SETTINGS, NOW);

describe('the written truth', () => {
  it('has names of its own for all cases', () => {
    expect(new Set(CASES.map(({ name }) => name)).size).toBe(CASES.length);
    expect(CASES.length).toBeGreaterThanOrEqual(80);
  });

  it('is what is found, and nothing else is', () => {
    const said = judgements.map(
      ({ check, verdict, resourceId, monthlySaving }) =>
        `${check} ${verdict} ${resourceId} saves ${monthlySaving?.amount ?? 'nothing told'}`,
    );
    const written = CASES.flatMap(({ expect: all }) =>
      all.map(
        ({ check, verdict, resourceId, saving }) =>
          `${check} ${verdict} ${resourceId} saves ${saving ?? 'nothing told'}`,
      ),
    );
    expect(said.toSorted()).toEqual(written.toSorted());
  });

  it.each(CASES)('the same alone: $name', (one) => {
    const alone = judgeAll(estateOf([one], facts()), SETTINGS, NOW).judgements;
    expect(names(alone)).toEqual(names(one.expect));
  });

  it('costs what is written', () => {
    const costs = new Map(
      judgements.map(({ check, resourceId, monthlyCost }) => [
        `${check} ${resourceId}`,
        monthlyCost?.amount ?? null,
      ]),
    );
    const written = CASES.flatMap(({ expect: all }) => all.filter(({ cost }) => cost !== undefined));
    expect(written.length).toBeGreaterThan(10);
    for (const { check, resourceId, cost } of written)
      expect([resourceId, costs.get(`${check} ${resourceId}`)]).toEqual([resourceId, cost]);
  });

  it('accounts for every saving, line by line', () => {
    for (const judged of judgements) {
      const life = {
        state: 'DETECTED',
        reason: judged.reason,
        dueAt: null,
        firstSeen: '',
        lastSeen: '',
      } as const;
      const whats = savingLines(toFinding(judged, life)).map(({ what }) => what);
      expect(whats, `${idOf(judged)} ${judged.reason}`).not.toContain(UNTOLD);
    }
  });
});
