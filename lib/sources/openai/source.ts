import type { Coverage } from '../../platform/coverage.ts';
import { deliverPeriods, type VendorRows } from '../ai-vendor/deliver.ts';
import type { VendorSession } from '../ai-vendor/http.ts';
import { namesOrGap } from '../ai-vendor/names.ts';
import type { DeliverContext, Source } from '../model.ts';
import { COSTS_CALL, type OpenAiCosts, openAiCosts } from './costs.ts';
import { openAiProjects, PROJECTS_CALL } from './projects.ts';
import { openAiUsage, USAGES } from './usage.ts';

/** Where OpenAI's API lies (its published interface, `servers`, August 2026). */
export const OPENAI_ADDRESS = 'https://api.openai.com/v1';

/** What to do where a key is refused: only admin keys read costs and usage (OpenAI API reference, "Administration"). */
export const OPENAI_KEY_HINT =
  'Costs and usage need an admin key of the organisation (sk-admin-...), which an owner makes at platform.openai.com under Settings > Organization > Admin keys; a project key cannot read them.';

export interface OpenAiSettings {
  /** Source id: the key in the config. */
  readonly id: string;
  readonly session: VendorSession;
  /** Whole months besides the current one. */
  readonly months: number;
  /** BillingAccountId; without it what the answers say. */
  readonly organisation?: string;
  /** Only these projects; without it all of them. */
  readonly projects?: readonly string[];
}

/**
 * The bill of an OpenAI organisation: its costs a day by project, line item and key, joined with the tokens and other
 * counts of its usage. Nothing in the user's cloud is needed but the admin key.
 */
export function openAiSource(settings: OpenAiSettings): Source {
  const { id, session, months, organisation, projects = [] } = settings;
  const where = `bill:${id}`;
  return {
    id,
    type: 'openai',
    permissions: [],
    calls: [COSTS_CALL, ...USAGES.map(({ path }) => `openai.organization.usage.${path}`), PROJECTS_CALL],
    deliver(context: DeliverContext) {
      const { meter } = context;
      let billed: OpenAiCosts['organisation'] = null;
      let names: Promise<ReadonlyMap<string, string>> | null = null;
      let named = new Map<string, Coverage>();
      return deliverPeriods(
        {
          id,
          type: 'openai',
          months,
          asked: JSON.stringify([organisation ?? null, projects]),
          async read(period, gaps) {
            named = gaps;
            const costs = await openAiCosts(session, period, { where, meter, projects });
            billed ??= costs.organisation;
            const usage = await openAiUsage(session, period, { where, meter, projects, gaps });
            return { charges: costs.charges, ...usage };
          },
          async rows(): Promise<VendorRows> {
            names ??= namesOrGap(`${where}:projects`, 'projects are shown by their ids', named, () =>
              openAiProjects(session, { where, meter }),
            ).then((found) => found ?? new Map());
            const account = organisation ?? billed?.id ?? null;
            return {
              vendor: 'openai',
              provider: 'OpenAI',
              service: 'OpenAI API',
              subAccountType: 'Project',
              account: { id: account ?? id, name: billed?.name ?? account ?? id, inferred: account === null },
              subAccountNames: await names,
            };
          },
          untoldTiers: () => [],
          untold: (tier) => tier,
        },
        context,
      );
    },
  };
}
