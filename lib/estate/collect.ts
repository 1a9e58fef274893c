import pLimit from 'p-limit';
import type { Coverage } from '../platform/coverage.ts';
import { BursarError, type ErrorCode, SwitchedOffError } from '../platform/errors.ts';
import type { Meter } from '../platform/meter.ts';
import { type Progress, silent } from '../platform/progress.ts';
import { IncompleteError } from './incomplete.ts';
import {
  type Apart,
  type Collected,
  type Dataset,
  type Earlier,
  type Scope,
  type Snapshot,
  scopeName,
} from './model.ts';
import { partsUnread, partsUntold } from './vectors/parts.ts';

/**
 * Datasets of one scope that run at once. Each mostly waits for one service; a client of the SDK is shared by those
 * that call the same service, and its adaptive rate holds all of them back when that service throttles.
 */
const DATASETS_AT_ONCE = 4;

type Everything = Earlier & Apart;
const NOTHING: Everything = { resources: [], telemetry: [], vectorIndexes: [] };

/**
 * How one dataset ended: `blind` saw nothing at all, so that what needs it is not run. `off`: its service is not there
 * to be asked; what needs it looks at what else it needs.
 */
interface Look {
  readonly found: Everything;
  readonly fault: string | null;
  readonly blind: boolean;
  readonly off: boolean;
  /** By what kind of failure it saw nothing; null where it saw something, or another dataset's failure kept it. */
  readonly code: ErrorCode | null;
}

/**
 * Looks at one scope: runs `datasets` a few at once, each after all that it needs, and gives each what those
 * found. What comes out is in the order of `datasets`, whichever ended first. It throws nothing: a dataset that
 * fails makes coverage partial and leaves the others standing; where all fail it is failed. A dataset whose need
 * failed is not run, since it would find nothing and call that complete.
 * @param signal ends the look when time is up: what is not done by then is told as such.
 */
export async function collectScope<S>(
  scope: Scope,
  session: S,
  datasets: readonly Dataset<S>[],
  now: Date,
  meter: Meter,
  { signal }: { signal?: AbortSignal } = {},
): Promise<Snapshot> {
  const limit = pLimit(DATASETS_AT_ONCE);
  const ids = new Set(datasets.map(({ id }) => id));
  const begun = new Map<string, Promise<Look>>();
  const look = async (dataset: Dataset<S>, before: ReadonlyMap<string, Promise<Look>>): Promise<Look> => {
    let earlier: Earlier = NOTHING;
    let off = dataset.needs !== undefined && dataset.needs.length > 0;
    for (const need of dataset.needs ?? []) {
      const needed = await before.get(need);
      // A part of the datasets may be run without the rest; one that stands after what needs it is a defect.
      if (needed === undefined && ids.has(need))
        return unseen(dataset, `a defect: it stands before ${need}, which it needs`);
      if (needed?.off !== true) off = false;
      if (needed?.blind === true && !needed.off)
        return unseen(dataset, `not looked at, since ${need} failed`);
      if (needed !== undefined) earlier = together(earlier, needed.found);
    }
    if (off) return unseen(dataset, 'not looked at, since what it needs is switched off', true);
    return await limit(async () => {
      try {
        const work = () => dataset.collect(scope, session, now, earlier, meter);
        const found = named(await inTime(work, signal), dataset.id);
        return { found: together(NOTHING, found), fault: null, blind: false, off: false, code: null };
      } catch (error) {
        if (!(error instanceof IncompleteError))
          return unseen(dataset, toldOf(error), error instanceof SwitchedOffError, codeOf(error));
        const found = together(NOTHING, named(error.collected, dataset.id));
        return { found, fault: `${dataset.id}: ${toldOf(error)}`, blind: false, off: false, code: null };
      }
    });
  };
  for (const dataset of datasets) begun.set(dataset.id, look(dataset, new Map(begun)));
  const looks = await Promise.all([...begun].map(async ([id, one]) => ({ id, ...(await one) })));

  const allBlind = looks.every(({ blind }) => blind);
  // Where nothing at all could be asked, that is a fault, whatever each of them says.
  const gaps = looks.filter(({ fault, off }) => fault !== null && (allBlind || !off));
  const indexes = looks.flatMap(({ found }) => found.vectorIndexes);
  const parts = partsUnread(indexes);
  const incomplete = [...gaps.map(({ id }) => id), ...parts.names];
  const switchedOff = allBlind
    ? []
    : [...looks.flatMap(({ id, off }) => (off ? [id] : [])), ...partsUntold(indexes)];
  return snapshot(
    scope,
    now,
    looks.reduce((all, { found }) => together(all, found), NOTHING),
    {
      scope: scopeName(scope),
      status: incomplete.length === 0 ? 'complete' : allBlind ? 'failed' : 'partial',
      reason:
        incomplete.length === 0 ? null : [...gaps.map(({ fault }) => fault), ...parts.reasons].join('\n'),
      asOf: allBlind && looks.length > 0 ? null : now.toISOString(),
      ...(incomplete.length > 0 && !allBlind ? { incomplete } : {}),
      ...(switchedOff.length > 0 ? { switchedOff } : {}),
    },
    allBlind ? looks.flatMap(({ code }) => code ?? []) : [],
  );
}

function unseen({ id }: { id: string }, why: string, off = false, code: ErrorCode | null = null): Look {
  return { found: NOTHING, fault: `${id}: ${why}`, blind: true, off, code };
}

function codeOf(error: unknown): ErrorCode {
  return error instanceof BursarError ? error.code : 'internal';
}

export interface CollectAllOptions {
  /** Scopes looked at at once. */
  readonly concurrency?: number;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/**
 * Looks at many scopes at once. One that cannot be entered (its role refused, its credentials gone) is a
 * snapshot without resources whose coverage says `failed` and why; the others go on.
 * @returns a snapshot a scope, in the order of `scopes`.
 */
export async function collectAll<S>(
  scopes: readonly Scope[],
  sessionFor: (scope: Scope) => Promise<S>,
  datasets: readonly Dataset<S>[],
  now: Date,
  meter: Meter,
  { concurrency = 8, progress = silent, signal }: CollectAllOptions = {},
): Promise<Snapshot[]> {
  const limit = pLimit(concurrency);
  let done = 0;
  const one = async (scope: Scope): Promise<Snapshot> => {
    const taken = await look(scope);
    done += 1;
    progress.step('looking at accounts and regions', done, scopes.length);
    return taken;
  };
  const look = async (scope: Scope): Promise<Snapshot> => {
    let session: S;
    try {
      session = await inTime(() => sessionFor(scope), signal);
    } catch (error) {
      const reason = toldOf(error);
      const failed = { scope: scopeName(scope), status: 'failed', reason, asOf: null } as const;
      return snapshot(scope, now, NOTHING, failed, [codeOf(error)]);
    }
    return await collectScope(scope, session, datasets, now, meter, signal === undefined ? {} : { signal });
  };
  return await Promise.all(scopes.map((scope) => limit(one, scope)));
}

function snapshot(
  scope: Scope,
  now: Date,
  found: Everything,
  coverage: Coverage,
  blindBy: readonly ErrorCode[],
): Snapshot {
  return {
    schemaVersion: 2,
    scope,
    takenAt: now.toISOString(),
    ...found,
    coverage: [coverage],
    ...(blindBy.length === 0 ? {} : { blindBy: [...new Set(blindBy)] }),
  };
}

/** What a dataset found, each resource with its name: what else of the scope failed is no doubt of it. */
function named(found: Collected, dataset: string): Collected {
  const { resources } = found;
  return resources === undefined
    ? found
    : { ...found, resources: resources.map((resource) => ({ ...resource, dataset })) };
}

function together(a: Everything, b: Collected): Everything {
  return {
    resources: [...a.resources, ...(b.resources ?? [])],
    telemetry: [...a.telemetry, ...(b.telemetry ?? [])],
    vectorIndexes: [...a.vectorIndexes, ...(b.vectorIndexes ?? [])],
    // No advice is something else than none asked for, and no call than none counted.
    ...(a.advice === undefined && b.advice === undefined
      ? {}
      : { advice: [...(a.advice ?? []), ...(b.advice ?? [])] }),
    ...(a.modelCalls === undefined && b.modelCalls === undefined
      ? {}
      : { modelCalls: [...(a.modelCalls ?? []), ...(b.modelCalls ?? [])] }),
  };
}

/** Runs `work` unless time is up; when it runs out on the way, what `work` still does is no longer waited for. */
async function inTime<T>(work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await work();
  if (signal.aborted) throw late();
  const over = Promise.withResolvers<never>();
  const stop = () => over.reject(late());
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work(), over.promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** One line for coverage. What is no BursarError is a defect: it says so, with where it came from. */
function toldOf(error: unknown): string {
  if (error instanceof BursarError)
    return error.hint === null ? error.message : `${error.message.replace(/\.?$/, '.')} ${error.hint}`;
  if (!(error instanceof Error)) return `a defect: ${String(error)}`;
  const from = error.stack?.split('\n')[1]?.trim() ?? '';
  return `a defect: ${error.name}: ${error.message} ${from}`.trim();
}

function late(): BursarError {
  return new BursarError('unavailable', 'not done when the time for looking was up', {
    hint: 'Give it more time, or look at fewer scopes at once.',
  });
}
