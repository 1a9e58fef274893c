import { actions } from '../../actions/index.ts';
import { loadConfig } from '../../config/load.ts';
import type { Config } from '../../config/schema.ts';
import type { Auditor } from '../auditor.ts';
import { type Foreseen, simulate } from '../simulate.ts';
import { attributed } from './account-tags.ts';
import { calendarsOf } from './calendars.ts';
import { sweepSettings } from './telling.ts';

/** The next days under the config, or under the policies and guards of another file. Reads lake and ledger alone. */
export async function assembleSimulation(
  { lake, ledger, progress }: Auditor,
  config: Config,
  other: string | null,
  days: number,
  now: Date,
): Promise<Foreseen[]> {
  const tried =
    other === null ? config : await attributed(await loadConfig(other, process.cwd()), () => lake, progress);
  const tags = new Map<string, Readonly<Record<string, string>>>();
  for (const scope of await lake.scopes())
    for (const { resources } of await lake.snapshots(scope, 1))
      for (const resource of resources) tags.set(resource.id, resource.tags);
  return await simulate(
    {
      records: ledger.all(),
      tagsOf: (resourceId) => tags.get(resourceId) ?? {},
      settings: sweepSettings(tried),
      actions: actions(tried.guards.protectedTags),
      calendars: calendarsOf(tried),
    },
    days,
    now,
  );
}
