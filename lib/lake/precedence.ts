import type { Extent, Manifest } from './manifest.ts';
import type { Account, LeftOut } from './model.ts';

/*
 * Which of two bills of the same charges counts, where Cost Explorer and a data export of one payer are both held.
 * Never both: a billing period of an account is told by one of them alone.
 *
 * The export is used, since it has resources, tags and the invoice's own rows. Only where it ends days before
 * Cost Explorer does (it has stopped), Cost Explorer is used, so that nothing is lost. What only one of them
 * holds (an account that an export leaves out, a payer without an export) is used in both cases.
 */

/** Sources that are whole for the periods and accounts that they hold: AWS names their files in a manifest. */
const EXPORTS: ReadonlySet<string> = new Set(['aws-focus-export', 'aws-cur']);
/**
 * AWS refreshes exports at least once a day (AWS Data Exports User Guide, "Understanding export delivery"). What
 * was read last so long before the end of the other's charges is no export that is still delivered.
 */
const LAG_DAYS = 3;
const DAY_MS = 86_400_000;

export function isExport({ sourceType }: Pick<Manifest, 'sourceType'>): boolean {
  return EXPORTS.has(sourceType);
}

export function isCostExplorer({ sourceType }: Pick<Manifest, 'sourceType'>): boolean {
  return sourceType === 'aws-cost-explorer';
}

/** What of these sources is not counted, one entry a source, period and reason. */
export function leftOut(manifests: readonly Manifest[]): LeftOut[] {
  const found = new Map<
    string,
    { entry: Omit<LeftOut, 'accounts' | 'by' | 'whole'>; by: Set<string>; keys: Set<string> }
  >();
  const leave = (loser: Holding, winner: Holding, key: string, why: LeftOut['why']) => {
    const at = JSON.stringify([loser.sourceId, loser.period, why]);
    const { sourceId, period } = loser;
    const known = found.get(at) ?? { entry: { sourceId, period, why }, by: new Set(), keys: new Set() };
    known.by.add(winner.sourceId);
    known.keys.add(key);
    found.set(at, known);
  };
  const exports = holdings(manifests.filter(isExport));
  const held = new Map<string, Holding>();
  for (const api of holdings(manifests.filter(isCostExplorer))) {
    held.set(JSON.stringify([api.sourceId, api.period]), api);
    for (const other of exports) {
      if (other.period !== api.period) continue;
      held.set(JSON.stringify([other.sourceId, other.period]), other);
      for (const [key, extent] of api.accounts) {
        if (!other.accounts.has(key)) continue;
        // A charge that is dated to the end of the month is not known from then on, but from when it was read.
        const known = Math.min(Date.parse(extent.end), Date.parse(api.ingestedAt));
        const stopped = known - Date.parse(other.ingestedAt) > LAG_DAYS * DAY_MS;
        if (stopped) leave(other, api, key, 'export-stopped');
        else leave(api, other, key, 'export');
      }
    }
  }
  return [...found.values()].map(({ entry, by, keys }) => {
    const all =
      held.get(JSON.stringify([entry.sourceId, entry.period]))?.accounts ?? new Map<string, Extent>();
    const accounts = [...keys].flatMap((key) => {
      const extent = all.get(key);
      return extent === undefined ? [] : [accountOf(extent)];
    });
    return { ...entry, by: [...by].toSorted(ascending), accounts, whole: accounts.length === all.size };
  });
}

/** The accounts of a source that do not count in a period. */
export function leftOutOf(all: readonly LeftOut[], sourceId: string, period: string): readonly Account[] {
  return all
    .filter((each) => each.sourceId === sourceId && each.period === period)
    .flatMap(({ accounts }) => accounts);
}

/** One sentence a source and reason, for people. */
export function toldLeftOut(all: readonly LeftOut[]): string[] {
  const groups = Map.groupBy(all, ({ sourceId, by, why }) => JSON.stringify([sourceId, by, why]));
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const periods = [...new Set(group.map(({ period }) => period))].toSorted(ascending).join(', ');
    const accounts = new Set(group.flatMap((each) => each.accounts.map(({ subAccount }) => subAccount))).size;
    const rest = group.every(({ whole }) => whole) ? '' : '; its other accounts are counted';
    const by = first.by.join(', ');
    const why =
      first.why === 'export'
        ? `a data export has resources and tags`
        : `Cost Explorer has charges of more than ${LAG_DAYS} days after that export was last delivered: has it stopped?`;
    return [
      `${periods}: ${by} is used and not ${first.sourceId}, whose ${accounts} account${accounts === 1 ? '' : 's'} of the same payer would be counted twice${rest} (${why})`,
    ];
  });
}

interface Holding {
  readonly sourceId: string;
  readonly period: string;
  /** When its rows of the period were read. */
  readonly ingestedAt: string;
  /** By payer and account. */
  readonly accounts: ReadonlyMap<string, Extent>;
}

function holdings(manifests: readonly Manifest[]): Holding[] {
  return manifests.flatMap(({ sourceId, periods }) =>
    periods.flatMap(({ period, current }) => {
      if (current === null) return [];
      const accounts = new Map<string, Extent>();
      for (const extent of current.extents) {
        const key = JSON.stringify([extent.billingAccount, extent.subAccount]);
        const known = accounts.get(key);
        if (known === undefined || known.end < extent.end) accounts.set(key, extent);
      }
      return [{ sourceId, period, ingestedAt: current.ingestedAt, accounts }];
    }),
  );
}

function accountOf({ billingAccount, subAccount }: Extent): Account {
  return { billingAccount, subAccount };
}

function ascending(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
