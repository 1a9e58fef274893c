import { memoryPerDevice } from '../checks/gpu-readings.ts';
import { checks, wouldChange } from '../checks/index.ts';
import { type Advice, type Resource, type Snapshot, scopeName, type Telemetry } from '../estate/model.ts';
import type { Lake } from '../lake/model.ts';
import type { FindingRecord } from '../ledger/model.ts';
import { type SavingLine, savingLines } from '../ledger/saving-lines.ts';
import { partsOf } from '../platform/coverage.ts';
import type { Permission } from '../platform/permissions.ts';
import { adviceByThing } from './advice.ts';
import type { Auditor } from './auditor.ts';
import { explained, type Explained as Known } from './trail.ts';

/** One thing that was asked for a finding. */
export interface AskedFor {
  /** `aws:111122223333:us-east-1`, `bill:main`. */
  readonly scope: string;
  /** Null where the finding is older than datasets had names. */
  readonly dataset: string | null;
  /** The provider's names of what was called. */
  readonly calls: readonly string[];
  /** When it was last looked at, ISO-8601 UTC; null where nothing is kept. */
  readonly asOf: string | null;
}

/** Everything that is known of one finding: for whoever asks why. */
export interface Explained extends Known {
  /** Telemetry of the resource as the newest kept look has it, with where its scale ends; null: where it does itself. */
  readonly series: readonly (Telemetry & { readonly top: number | null })[];
  readonly saving: readonly SavingLine[];
  readonly asked: readonly AskedFor[];
  /** What would have to be so for another verdict, or none, under the settings of now. */
  readonly wouldChange: readonly string[];
  /** What the provider's own tools say of the same resource: shown beside the finding, and part of none of it. */
  readonly advice: readonly Advice[];
}

/**
 * A finding by its id, or every finding of a resource, with all that it rests on.
 * @param permissions what each dataset may call
 * @throws BursarError (input) where the ledger knows neither
 */
export async function explain(
  { ledger, lake, checks: settings }: Pick<Auditor, 'ledger' | 'lake' | 'checks'>,
  permissions: ReadonlyMap<string, readonly Permission[]>,
  name: string,
): Promise<Explained[]> {
  const newest = newestLooks(lake);
  const found = await explained(ledger, name);
  return await Promise.all(found.map((known) => explainKnown(known, newest, permissions, settings)));
}

/** A snapshot with what is asked of it by the id of a resource. */
interface Look extends Snapshot {
  readonly byId: ReadonlyMap<string, Resource>;
  readonly measuredOf: ReadonlyMap<string, readonly Telemetry[]>;
  readonly adviceOf: ReadonlyMap<string, readonly Advice[]>;
}

/** The newest look at a scope by its name, read once; null where none is kept. */
export type NewestLook = (scope: string) => Promise<Look | null>;

export function newestLooks(lake: Pick<Lake, 'snapshots'>): NewestLook {
  const kept = new Map<string, Promise<Look | null>>();
  return (scope) => {
    let found = kept.get(scope);
    if (found === undefined) kept.set(scope, (found = newestOf(lake, scope)));
    return found;
  };
}

/** What is known of a finding whose trail was read. */
export async function explainKnown<T extends Pick<Known, 'record'>>(
  known: T,
  newest: NewestLook,
  permissions: ReadonlyMap<string, readonly Permission[]>,
  settings: Auditor['checks'],
): Promise<T & Omit<Explained, keyof Known>> {
  const { finding } = known.record;
  const scopes = known.record.scopes.map((each) => partsOf(each));
  const looks = await Promise.all([...new Set(scopes.map(([scope]) => scope))].map(newest));
  return {
    ...known,
    series: measured.has(finding.check)
      ? looks.flatMap((look) => (look === null ? [] : seriesOf(look, finding.resourceId)))
      : [],
    saving: savingLines(finding),
    asked: await asked(known.record, permissions, newest),
    wouldChange: wouldChange(finding.check, finding.verdict, settings[finding.check]),
    advice: [...((await newest(scopeName(finding)))?.adviceOf.get(finding.resourceId) ?? [])],
  };
}

/** Checks that judge how busy something was: what a machine did says nothing of its tags. */
const measured = new Set(checks.flatMap(({ id, needs }) => (needs.includes('telemetry') ? [id] : [])));

function seriesOf({ byId, measuredOf }: Look, id: string): Explained['series'] {
  const resource = byId.get(id);
  const memory = resource === undefined ? null : memoryPerDevice(resource);
  return (measuredOf.get(id) ?? []).map((one) => ({ ...one, top: topOf(one, memory) }));
}

/** Power and shares of memory are of a whole; compute use is judged near zero, and is drawn there. */
function topOf({ metric, unit }: Telemetry, memoryMiB: number | null): number | null {
  if (metric === 'gpu-memory-used') return unit === 'MiB' ? memoryMiB : unit === 'percent' ? 100 : null;
  return unit === 'percent-of-limit' ? 100 : null;
}

async function newestOf(lake: Pick<Lake, 'snapshots'>, scope: string): Promise<Look | null> {
  if (scope.startsWith('bill:')) return null;
  const [look] = await lake.snapshots(scope, 1);
  if (look === undefined) return null;
  return {
    ...look,
    byId: new Map(look.resources.map((resource) => [resource.id, resource])),
    measuredOf: Map.groupBy(look.telemetry, ({ resourceId }) => resourceId),
    adviceOf: adviceByThing(look),
  };
}

async function asked(
  { scopes }: FindingRecord,
  permissions: ReadonlyMap<string, readonly Permission[]>,
  newest: NewestLook,
): Promise<AskedFor[]> {
  return await Promise.all(
    scopes.map(async (each) => {
      const [scope, dataset] = partsOf(each);
      return {
        scope,
        dataset: dataset ?? null,
        calls: (dataset === undefined ? [] : (permissions.get(dataset) ?? [])).map(({ action }) => action),
        asOf: (await newest(scope))?.takenAt ?? null,
      };
    }),
  );
}
