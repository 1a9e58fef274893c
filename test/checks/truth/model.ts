import type { AiService, Facts, ResourceCost, Verdict } from '../../../lib/checks/model.ts';
import type { Resource, Telemetry } from '../../../lib/estate/model.ts';
import type { Coverage } from '../../../lib/platform/coverage.ts';
import { ACCOUNT, arn, cost, machine, REGION, SCOPE, series } from '../facts.ts';

/** One thing of the estate, and what must be said of it. */
export interface Case {
  /** Unique; what the case is about. */
  readonly name: string;
  readonly resources?: readonly Resource[];
  readonly telemetry?: readonly Telemetry[];
  readonly costs?: readonly ResourceCost[];
  readonly storageCosts?: readonly ResourceCost[];
  readonly tagSpend?: Facts['tagSpend'];
  readonly vectorIndexes?: Facts['vectorIndexes'];
  readonly aiCalls?: Facts['aiCalls'];
  readonly billDetail?: Facts['billDetail'];
  readonly aiServices?: readonly AiService[];
  /** Scopes besides the one that was read whole. */
  readonly coverage?: readonly Coverage[];
  /** Everything that must be found because of it; empty: nothing may be. */
  readonly expect: readonly Expected[];
}

export interface Expected {
  readonly check: string;
  readonly verdict: Verdict;
  readonly resourceId: string;
  /** USD, decimal text; null: none may be told. */
  readonly saving: string | null;
  /** USD a month, decimal text; left out: not looked at. */
  readonly cost?: string | null;
}

/** One estate of all cases: what one thing is must not hang on what stands beside it. */
export function estateOf(cases: readonly Case[], all: Facts): Facts {
  const collected = <T>(of: (each: Case) => readonly T[] | undefined): T[] =>
    cases.flatMap((each) => of(each) ?? []);
  const scopes = new Map(
    [...all.coverage, ...collected(({ coverage }) => coverage)].map((entry) => [entry.scope, entry]),
  );
  return {
    ...all,
    resources: collected(({ resources }) => resources),
    telemetry: collected(({ telemetry }) => telemetry),
    costs: collected(({ costs }) => costs),
    storageCosts: collected(({ storageCosts }) => storageCosts),
    tagSpend: collected(({ tagSpend }) => tagSpend),
    aiCalls: collected(({ aiCalls }) => aiCalls),
    billDetail: [...(all.billDetail ?? []), ...collected(({ billDetail }) => billDetail)],
    aiServices: {
      rows: collected(({ aiServices }) => aiServices),
      heldSince: new Map([['main', '2026-01-01T00:00:00.000Z']]),
    },
    vectorIndexes: {
      current: collected(({ vectorIndexes }) => vectorIndexes?.current),
      history: collected(({ vectorIndexes }) => vectorIndexes?.history),
    },
    coverage: [...scopes.values()],
  };
}

/** Tags of a thing whose tags are in order, so that only what a case is about is found. */
export const TAGGED = { owner: 'ml@acme.example', team: 'ml', env: 'dev' };

/** A region whose look was partial: nothing absent there counts. */
export const PARTIAL_REGION = 'eu-west-1';
export const PARTIAL: Coverage = {
  scope: `aws:${ACCOUNT}:${PARTIAL_REGION}`,
  status: 'partial',
  reason: 'ec2:DescribeVolumes was refused',
  asOf: '2026-11-20T10:30:00.000Z',
};

let made = 0;

/** A fresh id of EC2, the same in every run. */
export function freshId(prefix: 'i' | 'vol' | 'snap' | 'ami' | 'eipalloc' | 'nat' | 'cr'): string {
  made += 1;
  return `${prefix}-${made.toString(16).padStart(17, '0')}`;
}

export { ACCOUNT, arn, cost, machine, REGION, SCOPE, series };
