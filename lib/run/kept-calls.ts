import pLimit from 'p-limit';
import { dayPlus } from '../analysis/units/days.ts';
import type { Snapshot } from '../estate/model.ts';
import { CALLS_DATASET, CALLS_DAYS } from '../estate/model-calls.ts';
import type { Lake } from '../lake/model.ts';
import type { Coverage } from '../platform/coverage.ts';
import type { BedrockRead, ReadBedrock } from './efficiency-model.ts';

const DAY = 86_400_000;
/** An older look says nothing of how models are used now. */
const OLDEST_DAYS = 14;

const NOT_READ =
  'calls of models are not known: bursar audit reads them, through a monitoring account only where it names any';

/** Looks that are read at once: each may be large, and only its calls stay. */
const AT_ONCE = 8;

/** Calls of models as the newest kept look at each account and region counted them. Asks nobody. */
export function keptCalls(lake: Pick<Lake, 'scopes' | 'snapshots'>, now: Date): ReadBedrock {
  return async () => {
    const limit = pLimit(AT_ONCE);
    const scopes = (await lake.scopes()).filter((name) => name.startsWith('aws:'));
    const kept = await Promise.all(
      scopes.map((scope) => limit(async () => callsOf(scope, (await lake.snapshots(scope, 1))[0], now))),
    );
    return {
      read: kept.flatMap(({ read }) => read),
      coverage: kept.flatMap(({ coverage }) => coverage),
    };
  };
}

function callsOf(
  scope: string,
  look: Snapshot | undefined,
  now: Date,
): { readonly read: readonly BedrockRead[]; readonly coverage: readonly Coverage[] } {
  // What is the organisation's is in no region, where no model is called.
  if (look === undefined || look.scope.region === 'global') return { read: [], coverage: [] };
  const { modelCalls, takenAt } = look;
  // Nor is anything left to be told where nobody looks any more: none of its days is of a week that is told.
  if (daysSince(takenAt, now) > CALLS_DAYS) return { read: [], coverage: [] };
  const reason = missing(look, now);
  if (modelCalls === undefined || reason !== null)
    return { read: [], coverage: [{ scope, status: 'failed', reason, asOf: null }] };
  const { accountId, region } = look.scope;
  const until = takenAt.slice(0, 10);
  return {
    read: [{ accountId, region, from: dayPlus(until, -CALLS_DAYS), until, days: modelCalls }],
    coverage: [{ scope, status: 'complete', reason: null, asOf: takenAt }],
  };
}

/** Why the calls of a look cannot be told; null where they can. */
function missing({ coverage, modelCalls, takenAt }: Snapshot, now: Date): string | null {
  if (modelCalls === undefined) {
    // Of a scope that is partial, each dataset that failed has a line of its own.
    const lines = coverage.flatMap(({ reason }) => reason?.split('\n') ?? []);
    const fault = lines.find((line) => line.startsWith(`${CALLS_DATASET}: `));
    return fault?.slice(CALLS_DATASET.length + 2) ?? NOT_READ;
  }
  return daysSince(takenAt, now) > OLDEST_DAYS
    ? `last looked at on ${takenAt.slice(0, 10)}; run bursar audit`
    : null;
}

function daysSince(at: string, now: Date): number {
  return (now.getTime() - Date.parse(at)) / DAY;
}
