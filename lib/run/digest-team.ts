import { nearest } from '../config/nearest.ts';
import { counted } from '../digest/counted.ts';
import type { InsightAnomaly as Anomaly } from '../digest/insight-model.ts';
import type { DigestInput } from '../digest/model.ts';
import { spendByName } from '../lake/queries/spend-by.ts';
import type { FindingRecord } from '../ledger/model.ts';
import { type Coverage, partsOf } from '../platform/coverage.ts';
import { BursarError } from '../platform/errors.ts';
import type { Auditor } from './auditor.ts';
import type { Selection } from './facts.ts';
import { dimensionsOf } from './terms.ts';
import { ALL_TIME } from './window.ts';

/**
 * Looks of a scope that are read, the newest first. Older ones are asked for what the newest has not: it was deleted
 * since, or that look was partial. A week of daily audits, and some.
 */
const LOOKS = 10;

/**
 * Findings of a team that may be told since `since`: by the rules of the dimension `team`, from the account and the last
 * known tags of their resources. `unknown`: how many more there are whose resource no look of late holds.
 */
export async function findingsOfTeam(
  {
    lake,
    terms,
  }: {
    readonly lake: Pick<Auditor['lake'], 'scopes' | 'snapshots'>;
    readonly terms: Pick<Auditor['terms'], 'dimensions'>;
  },
  { scopes }: Pick<Selection, 'scopes'>,
  team: string,
  records: readonly FindingRecord[],
  since: string,
): Promise<{ readonly own: FindingRecord[]; readonly unknown: number }> {
  const names = scopes ?? (await lake.scopes());
  const tellable = records.filter((record) => isTold(record, since));
  const tags = new Map<string, Readonly<Record<string, string>>>();
  const isKnown = ({ finding }: FindingRecord) => tags.has(finding.resourceId);
  const read = async (name: string, nth: number): Promise<boolean> => {
    const [look] = await lake.snapshots(name, 1, nth);
    for (const { id, tags: held } of look?.resources ?? []) if (!tags.has(id)) tags.set(id, held);
    return look !== undefined;
  };
  for (const name of names) await read(name, 0);
  // What only the bill knows was never in a look, and is of no team.
  const seen = tellable.filter((record) => scopesOf(record).some((name) => names.includes(name)));
  for (const name of names) {
    const here = seen.filter((record) => scopesOf(record).includes(name));
    for (let nth = 1; nth < LOOKS && !here.every(isKnown); nth += 1) if (!(await read(name, nth))) break;
  }
  return {
    own: tellable.filter(
      ({ finding: { resourceId, accountId } }) =>
        tags.has(resourceId) &&
        dimensionsOf(accountId, tags.get(resourceId) ?? {}, terms.dimensions)['team'] === team,
    ),
    unknown: seen.filter((record) => !isKnown(record)).length,
  };
}

/** What was resolved before, and not by a stop of ours, no digest tells. */
function isTold({ finding, observed, life }: FindingRecord, since: string): boolean {
  return finding.state !== 'RESOLVED' || observed.at >= since || (life?.stopped ?? null) !== null;
}

function scopesOf({ scopes }: FindingRecord): string[] {
  return scopes.map((scope) => partsOf(scope)[0]);
}

/** @throws BursarError for a team that no charge and no rule names, with the nearest one */
export async function mustBeTeam(
  { lake, terms }: Pick<Auditor, 'lake' | 'terms'>,
  sources: readonly string[] | null,
  team: string,
): Promise<void> {
  const parts = await lake.ask<{ key: readonly string[] }>(
    spendByName({ by: ['team'], where: [] }),
    { ...ALL_TIME },
    sources,
  );
  const named = (terms.dimensions['team'] ?? []).flatMap((rule) => {
    for (const kind of ['account', 'project', 'workspace', 'key', 'profile'] as const)
      if (kind in rule) return Object.values(Object.getOwnPropertyDescriptor(rule, kind)?.value ?? {});
    return [];
  });
  const known = [...new Set([...parts.map(({ key }) => key[0] ?? ''), ...named])].filter(
    (each): each is string => typeof each === 'string' && each !== '',
  );
  if (known.includes(team)) return;
  const near = nearest(team, known);
  throw new BursarError('input', `there is no team ${JSON.stringify(team)}`, {
    where: 'dimensions.team',
    hint: `${near === null ? '' : `Did you mean ${near}? `}bursar spend --by team lists them.`,
  });
}

/** What a team may know of what was not seen: how much, and nothing of whose. */
export function coverageForTeam(coverage: readonly Coverage[]): Coverage[] {
  const { length: all } = coverage;
  const open = coverage.filter(({ status }) => status !== 'complete').length;
  const reason = `${open} of ${counted(all, 'scope')} that ${all === 1 ? 'was' : 'were'} asked for ${open === 1 ? 'was' : 'were'} not wholly seen: resources and charges of this team may lie in ${open === 1 ? 'it' : 'them'}`;
  return coverage.map(({ scope: whole, status }) => {
    // Whether it is a bill is told of none by name, and bills alone show no resource.
    const scope = whole.startsWith('bill:') ? 'bill:*' : 'estate';
    return status === 'complete'
      ? { scope, status, reason: null, asOf: null }
      : { scope, status: 'partial', reason, asOf: null };
  });
}

/** Analysis that speaks of the team alone; what speaks of more is left out. */
export function insightOfTeam(
  insight: NonNullable<DigestInput['insight']>,
  team: string,
): NonNullable<DigestInput['insight']> {
  const { anomalies } = insight;
  return {
    ...insight,
    anomalies: {
      ...anomalies,
      rows: anomalies.rows.filter(({ key }) => key['team'] === team).map(told),
      notes: [],
      untold: 0,
    },
  };
}

/** What a digest tells of an anomaly and no more: where else it was seen is of others. */
function told(row: Anomaly): Anomaly {
  const {
    key,
    source,
    kind,
    first,
    last,
    caught,
    effect,
    impact,
    judged,
    open,
    causes,
    against,
    owner,
    alert,
  } = row;
  return {
    key,
    source,
    kind,
    first,
    last,
    caught,
    effect,
    impact,
    judged,
    open,
    causes,
    against,
    owner,
    alert,
  };
}
