import { identitiesOf } from '../checks/identity.ts';
import { checks } from '../checks/index.ts';
import { type Advice, type Resource, type Snapshot, scopeName, scopeOf } from '../estate/model.ts';
import type { Adviser } from '../estate/model-advice.ts';
import type { Finding } from '../ledger/model.ts';
import { gapOf } from '../platform/coverage.ts';
import {
  type AdviceRow,
  type AdviceTotals,
  adviceRows,
  adviceTotals,
  type KnownThing,
} from './advice-rows.ts';
import { lastAudit } from './audit.ts';
import type { Auditor } from './auditor.ts';

/** How one tool was asked in one scope. */
export interface AskedAdviser {
  readonly adviser: Adviser;
  readonly scope: string;
  readonly status: 'read' | 'partial' | 'switched off';
  /** What to do, or what is missing; null where it was read whole. */
  readonly reason: string | null;
  /** When the scope was looked at, ISO-8601 UTC. */
  readonly asOf: string;
}

/** `bursar advice --format json` */
export interface AdviceReport {
  readonly schemaVersion: 1;
  readonly now: string;
  /** Which tools were asked where; empty where none was. */
  readonly asked: readonly AskedAdviser[];
  readonly rows: readonly AdviceRow[];
  readonly totals: AdviceTotals;
}

/** The tools by the datasets that ask them, and what to do where one is not there. */
const ADVISERS: readonly { readonly dataset: string; readonly adviser: Adviser; readonly todo: string }[] = [
  {
    dataset: 'aws.compute-optimizer',
    adviser: 'AWS Compute Optimizer',
    todo: 'not opted in, or not offered in this region: `aws compute-optimizer update-enrollment-status --status Active`; it is free.',
  },
  {
    dataset: 'aws.cost-optimization-hub',
    adviser: 'AWS Cost Optimization Hub',
    todo: 'not opted in: `aws cost-optimization-hub update-enrollment-status --status Active --region us-east-1`; it is free.',
  },
  {
    dataset: 'gcp.recommender',
    adviser: 'GCP Recommender',
    todo: 'the Recommender API is not enabled: `gcloud services enable recommender.googleapis.com`; it is free.',
  },
];

/**
 * What the clouds' own tools recommend as the newest look at each scope has it, beside what the ledger holds of the
 * same things. It reads what is kept and asks nobody.
 */
export async function adviceReport(auditor: Auditor, now: Date): Promise<AdviceReport> {
  const { lake, ledger, organisation } = auditor;
  const looks = (
    await Promise.all((await lake.scopes()).map(async (name) => await lake.snapshots(name, 1)))
  ).flat();
  const findings: Finding[] = [];
  for await (const { finding } of ledger.all()) findings.push(finding);
  const resources = looks.flatMap((look) => look.resources);
  const byId = new Map(resources.map((resource) => [resource.id, resource]));
  const identities = identitiesOf(resources);
  const last = (await lastAudit(ledger))?.coverage ?? [];
  const told = new Set(last.map(({ scope }) => scope));
  // A look that failed is told by the audit alone: the snapshot of before is kept as it was.
  const coverage = [
    ...last,
    ...looks.flatMap((look) => look.coverage).filter(({ scope }) => !told.has(scope)),
  ];
  const known = (id: string, said: Advice): KnownThing => {
    const resource = byId.get(id) ?? null;
    return {
      resource,
      gap: gapOf(coverage, resource === null ? scopeName(said) : scopeOf(resource)),
      checks: resource === null ? [] : checksOf(resource, auditor.checks),
    };
  };
  const rows = adviceRows(
    looks.flatMap(({ advice }) => advice ?? []),
    findings,
    (said) => identities.canonical(said),
    known,
    organisation.currency,
  );
  return {
    schemaVersion: 1,
    now: now.toISOString(),
    asked: looks.flatMap(askedOf),
    rows,
    totals: adviceTotals(rows),
  };
}

/** What tools say in one look, by the id of the thing that it is said of. */
export function adviceByThing({ advice, resources }: Snapshot): Map<string, Advice[]> {
  if (advice === undefined || advice.length === 0) return new Map();
  const identities = identitiesOf(resources);
  return Map.groupBy(advice, (said) => identities.canonical(said));
}

/** Checks of what a dataset holds; those of tags look at everything, and say nothing of use. */
function checksOf({ dataset }: Resource, settings: Auditor['checks']): KnownThing['checks'] {
  return checks
    .filter(({ datasets }) => datasets !== 'all' && dataset !== undefined && datasets.includes(dataset))
    .map(({ id }) => ({ id, on: settings[id] !== undefined }));
}

/** A scope that was asked has advice, or tells in its coverage what failed. */
function askedOf({ scope, takenAt, coverage, advice }: Snapshot): AskedAdviser[] {
  const name = scopeName(scope);
  const own = coverage.find((entry) => entry.scope === name);
  return ADVISERS.flatMap(({ dataset, adviser, todo }): AskedAdviser[] => {
    const asked = { adviser, scope: name, asOf: takenAt };
    if (own?.switchedOff?.includes(dataset) === true)
      return [{ ...asked, status: 'switched off', reason: todo }];
    if (own?.incomplete?.includes(dataset) === true)
      return [{ ...asked, status: 'partial', reason: reasonOf(own.reason, dataset) }];
    const isOf = dataset.startsWith(`${scope.provider}.`);
    return advice !== undefined && isOf ? [{ ...asked, status: 'read', reason: null }] : [];
  });
}

/** Of the reasons of a scope, one a line, that of this dataset. */
function reasonOf(reason: string | null, dataset: string): string | null {
  const line = reason?.split('\n').find((each) => each.startsWith(`${dataset}: `));
  return line === undefined ? reason : line.slice(dataset.length + 2);
}
