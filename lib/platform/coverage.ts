/**
 * What was looked at, and how well. A scope is named `aws:<account>:<region>`, `gcp:<project>`,
 * `bill:<source id>` or `store:<id>`; what failed, was denied or is not covered is told here and never
 * silently taken for zero.
 */
export interface Coverage {
  readonly scope: string;
  readonly status: 'complete' | 'partial' | 'failed' | 'not-covered';
  /** Why it is not complete, with what to do about it; null where it is. */
  readonly reason: string | null;
  /** ISO-8601 UTC: up to when the data of this scope speaks; null where there is none. */
  readonly asOf: string | null;
  /** Where it is partial: the datasets that were not read whole. Every other one was; left out, nobody knows which. */
  readonly incomplete?: readonly string[] | undefined;
  /** Datasets of services that are not there to be asked: not covered, and no gap that someone must mend. */
  readonly switchedOff?: readonly string[] | undefined;
}

/** The name of one dataset of a scope, as a finding names what must be read before its absence counts. */
export function datasetOf(scope: string, dataset: string): string {
  return `${scope}#${dataset}`;
}

/**
 * Why a scope, or one dataset of it (`scope#dataset`), was not read whole; null where it was. A dataset of a
 * partial scope was read whole where the scope tells which were not and does not name it.
 */
export function gapOf(coverage: readonly Coverage[], name: string): string | null {
  const [scope, dataset] = partsOf(name);
  const entries = coverage.filter((entry) => entry.scope === scope);
  if (entries.length === 0) return `${scope} was not looked at`;
  const gap = entries.find((entry) => !isWhole(entry, dataset));
  if (gap === undefined) return null;
  return dataset !== undefined && gap.switchedOff?.includes(dataset) === true
    ? `${dataset} is not there to be asked in ${scope}`
    : `${scope} is ${gap.status}: ${gap.reason ?? 'no reason given'}`;
}

/** `scope#dataset` as both; a scope alone has no dataset. */
export function partsOf(name: string): readonly [scope: string, dataset: string | undefined] {
  const at = name.lastIndexOf('#');
  return at < 0 ? [name, undefined] : [name.slice(0, at), name.slice(at + 1)];
}

/** Does this entry say that its scope, or this dataset of it, was read whole? */
export function isWhole({ status, incomplete, switchedOff }: Coverage, dataset: string | undefined): boolean {
  if (dataset !== undefined && switchedOff?.includes(dataset) === true) return false;
  if (status === 'complete') return true;
  return status === 'partial' && dataset !== undefined && incomplete?.includes(dataset) === false;
}
