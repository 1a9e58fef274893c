import { nearest } from '../config/nearest.ts';
import { counted } from '../digest/counted.ts';
import type { InsightAnomaly as Anomaly } from '../digest/insight-model.ts';
import type { DigestInput } from '../digest/model.ts';
import { spendByName } from '../lake/queries/spend-by.ts';
import type { FindingRecord } from '../ledger/model.ts';
import type { Coverage } from '../platform/coverage.ts';
import { BursarError } from '../platform/errors.ts';
import type { Auditor } from './auditor.ts';
import type { Selection } from './facts.ts';
import { dimensionsOf } from './terms.ts';
import { ALL_TIME } from './window.ts';

/** Does a finding belong to the team? By the rules of the dimension `team`, from its resource's account and tags. */
export async function findingsOfTeam(
  { lake, terms }: Pick<Auditor, 'lake' | 'terms'>,
  { scopes }: Pick<Selection, 'scopes'>,
  team: string,
): Promise<(record: FindingRecord) => boolean> {
  const tags = new Map<string, Readonly<Record<string, string>>>();
  for (const name of scopes ?? (await lake.scopes()))
    for (const { resources } of await lake.snapshots(name, 1))
      for (const resource of resources) tags.set(resource.id, resource.tags);
  // What is not in the newest look has no tags that anyone could read: then it is of no team.
  return ({ finding }) => {
    const own = tags.get(finding.resourceId);
    return own !== undefined && dimensionsOf(finding.accountId, own, terms.dimensions)['team'] === team;
  };
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
  const open = coverage.filter(({ status }) => status !== 'complete').length;
  const asOf = null;
  if (open === 0)
    return coverage.length === 0 ? [] : [{ scope: 'estate', status: 'complete', reason: null, asOf }];
  const reason = `${open} of ${counted(coverage.length, 'scope')} that ${coverage.length === 1 ? 'was' : 'were'} asked for ${open === 1 ? 'was' : 'were'} not wholly seen: resources of this team may lie in ${open === 1 ? 'it' : 'them'}`;
  return [{ scope: 'estate', status: 'partial', reason, asOf }];
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
