import pLimit from 'p-limit';
import type { Coverage } from '../platform/coverage.ts';
import { BursarError } from '../platform/errors.ts';
import type { Meter } from '../platform/meter.ts';
import { type Progress, silent } from '../platform/progress.ts';
import { IncompleteError } from './incomplete.ts';
import { type Collected, type Dataset, type Scope, type Snapshot, scopeName } from './model.ts';

/**
 * Looks at one scope: runs `datasets` in order and gives each what the earlier ones found. It throws nothing:
 * a dataset that fails makes coverage partial and leaves the others standing; where all fail it is failed. A
 * dataset whose need failed is not run, since it would find nothing and call that complete.
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
  let earlier: Required<Collected> = { resources: [], telemetry: [], vectorIndexes: [] };
  const faults: string[] = [];
  const incomplete: string[] = [];
  const blind = new Set<string>();
  for (const dataset of datasets) {
    const need = dataset.needs?.find((id) => blind.has(id));
    if (need !== undefined) {
      blind.add(dataset.id);
      incomplete.push(dataset.id);
      faults.push(`${dataset.id}: not looked at, since ${need} failed`);
      continue;
    }
    try {
      const work = () => dataset.collect(scope, session, now, earlier, meter);
      earlier = together(earlier, named(await inTime(work, signal), dataset.id));
    } catch (error) {
      faults.push(`${dataset.id}: ${toldOf(error)}`);
      incomplete.push(dataset.id);
      if (error instanceof IncompleteError) earlier = together(earlier, named(error.collected, dataset.id));
      else blind.add(dataset.id);
    }
  }
  return snapshot(scope, now, earlier, {
    scope: scopeName(scope),
    status: faults.length === 0 ? 'complete' : blind.size === datasets.length ? 'failed' : 'partial',
    reason: faults.length === 0 ? null : faults.join('\n'),
    asOf: blind.size === datasets.length && datasets.length > 0 ? null : now.toISOString(),
    ...(incomplete.length > 0 && blind.size < datasets.length ? { incomplete } : {}),
  });
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
      const nothing = { resources: [], telemetry: [], vectorIndexes: [] };
      return snapshot(scope, now, nothing, {
        scope: scopeName(scope),
        status: 'failed',
        reason,
        asOf: null,
      });
    }
    return await collectScope(scope, session, datasets, now, meter, signal === undefined ? {} : { signal });
  };
  return await Promise.all(scopes.map((scope) => limit(one, scope)));
}

function snapshot(scope: Scope, now: Date, found: Required<Collected>, coverage: Coverage): Snapshot {
  return { schemaVersion: 1, scope, takenAt: now.toISOString(), ...found, coverage: [coverage] };
}

/** What a dataset found, each resource with its name: what else of the scope failed is no doubt of it. */
function named(found: Collected, dataset: string): Collected {
  const { resources } = found;
  return resources === undefined
    ? found
    : { ...found, resources: resources.map((resource) => ({ ...resource, dataset })) };
}

function together(a: Required<Collected>, b: Collected): Required<Collected> {
  return {
    resources: [...a.resources, ...(b.resources ?? [])],
    telemetry: [...a.telemetry, ...(b.telemetry ?? [])],
    vectorIndexes: [...a.vectorIndexes, ...(b.vectorIndexes ?? [])],
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
