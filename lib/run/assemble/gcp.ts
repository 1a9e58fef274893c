import { collectAll } from '../../estate/collect.ts';
import { withCreations } from '../../estate/creators.ts';
import {
  GCP_CREATORS,
  GCP_CREATORS_PERMISSION,
  gcpCreators,
  mayTellGcpCreator,
} from '../../estate/gcp/creators.ts';
import { GCP_DATASETS, gcpDatasets } from '../../estate/gcp/datasets.ts';
import { LINKED_PROJECTS_PERMISSIONS } from '../../estate/gcp/linked-projects.ts';
import { gcpRecommender } from '../../estate/gcp/recommender.ts';
import { SEEN_PROJECTS_PERMISSION } from '../../estate/gcp/seen-projects.ts';
import { type PriceList, withListPrices } from '../../estate/list-prices.ts';
import type { Resource } from '../../estate/model.ts';
import { BursarError } from '../../platform/errors.ts';
import type { Estate } from '../auditor.ts';
import { type GcpScopeSettings, gcpScopes } from './gcp-scopes.ts';

export interface GcpEstateSettings extends GcpScopeSettings {
  /** Loads the list prices; left out where a bill tells what each resource costs. */
  readonly prices?: (() => Promise<PriceList>) | undefined;
  /** Of which resources the audit log is asked who made them; left out, of none. */
  readonly creators?: ((resource: Resource) => boolean) | undefined;
  /** Is Google's Recommender asked what it recommends? */
  readonly advice?: boolean | undefined;
}

/** The Google Cloud part of the estate: one scope a project. */
export function gcpEstate({ projects, endpoint, prices, creators, advice }: GcpEstateSettings): Estate {
  const scopes = gcpScopes({ projects, endpoint });
  const session = (projectId: string) => scopes.session(projectId);
  let list: Promise<PriceList> | null = null;
  return {
    permissions: [
      ...GCP_DATASETS.flatMap(({ permissions }) => permissions),
      ...(creators === undefined ? [] : [GCP_CREATORS_PERMISSION]),
      ...(projects === 'linked' ? LINKED_PROJECTS_PERMISSIONS : []),
      ...(projects === 'organisation' ? [SEEN_PROJECTS_PERMISSION] : []),
      ...(advice === true ? gcpRecommender.permissions : []),
    ],
    covers: ({ provider }) => provider === 'gcp',
    plan: (now, meter) => scopes.plan(now, meter),
    async collect(scope, now, meter, only, made) {
      const [taken] = await collectAll(
        [scope],
        async ({ accountId }) => session(accountId),
        [...gcpDatasets(only), ...(only === undefined && advice === true ? [gcpRecommender] : [])],
        now,
        meter,
      );
      if (taken === undefined) throw new BursarError('internal', 'a scope gave no snapshot');
      const wants = (resource: Resource) => mayTellGcpCreator(resource) && creators?.(resource) === true;
      const snapshot =
        made === undefined || creators === undefined
          ? taken
          : await withCreations(taken, GCP_CREATORS, made, wants, (wanted) =>
              gcpCreators(session(scope.accountId), wanted, now, meter),
            );
      if (prices === undefined || only !== undefined) return snapshot;
      return await withListPrices(snapshot, await (list ??= prices()), now, meter);
    },
  };
}
