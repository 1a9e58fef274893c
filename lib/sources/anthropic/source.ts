import type { Coverage } from '../../platform/coverage.ts';
import { deliverPeriods, type VendorRows } from '../ai-vendor/deliver.ts';
import type { VendorSession } from '../ai-vendor/http.ts';
import type { Line } from '../ai-vendor/model.ts';
import { namesOrGap } from '../ai-vendor/names.ts';
import type { DeliverContext, Source } from '../model.ts';
import { anthropicCosts, COSTS_CALL } from './costs.ts';
import { anthropicOrganisation, anthropicWorkspaces, NAMES_CALLS } from './names.ts';
import { anthropicUsage, COSTED_TIERS, USAGE_CALL } from './usage.ts';

/** Where Anthropic's API lies, and the version of it that is spoken (Anthropic API reference, "API overview"). */
export const ANTHROPIC_ADDRESS = 'https://api.anthropic.com/v1';
export const ANTHROPIC_VERSION = '2023-06-01';

/** Anthropic, "Usage and Cost API" (2026): "These endpoints require an Admin API key (starting with sk-ant-admin...)". */
export const ANTHROPIC_KEY_HINT =
  'Costs and usage need an Admin API key (sk-ant-admin...), which a member with the admin role makes in the Claude Console under Settings > Admin keys; an ordinary API key cannot read them, and individual accounts have none.';

export interface AnthropicSettings {
  /** Source id: the key in the config. */
  readonly id: string;
  readonly session: VendorSession;
  /** Whole months besides the current one. */
  readonly months: number;
  /** BillingAccountId; without it the organisation of the key. */
  readonly organisation?: string;
}

/**
 * The bill of an Anthropic organisation: its cost report a day by workspace and description, joined with the tokens
 * of its usage report, which also tell whose key it was. Nothing in the user's cloud is needed but the admin key.
 */
export function anthropicSource({ id, session, months, organisation }: AnthropicSettings): Source {
  const where = `bill:${id}`;
  return {
    id,
    type: 'anthropic',
    permissions: [],
    calls: [COSTS_CALL, USAGE_CALL, ...NAMES_CALLS],
    deliver(context: DeliverContext) {
      const { meter } = context;
      const asking = { where, meter };
      let named = new Map<string, Coverage>();
      let rows: Promise<VendorRows> | null = null;
      return deliverPeriods(
        {
          id,
          type: 'anthropic',
          months,
          asked: JSON.stringify([organisation ?? null]),
          async read(period, gaps) {
            named = gaps;
            return {
              charges: await anthropicCosts(session, period, asking),
              ...(await anthropicUsage(session, period, asking)),
            };
          },
          rows: () => (rows ??= rowContext()),
          untoldTiers,
          untold,
        },
        context,
      );

      async function rowContext(): Promise<VendorRows> {
        const own = await namesOrGap(
          `${where}:organisation`,
          'the organisation is shown by the name of this source',
          named,
          () => anthropicOrganisation(session, asking),
        );
        const workspaces = await namesOrGap(
          `${where}:workspaces`,
          'workspaces are shown by their ids',
          named,
          () => anthropicWorkspaces(session, asking),
        );
        const account = organisation ?? own?.id ?? null;
        return {
          vendor: 'anthropic',
          provider: 'Anthropic',
          service: 'Claude API',
          subAccountType: 'Workspace',
          account: { id: account ?? id, name: own?.name ?? account ?? id, inferred: account === null },
          subAccountNames: workspaces ?? new Map(),
        };
      }
    },
  };
}

/**
 * "Priority Tier costs use a different billing model and are not included in the cost endpoint" (Anthropic, "Usage
 * and Cost API", 2026): where such usage is seen, the bill is short of what was committed for it.
 */
function untoldTiers(lines: readonly Line[]): string[] {
  const tiers = lines.flatMap(({ charge, tier }) =>
    charge === null && tier !== null && !COSTED_TIERS.has(tier) ? [tier] : [],
  );
  return [...new Set(tiers)].toSorted();
}

function untold(tier: string): string {
  return `Anthropic does not tell what its service tier ${tier} costs: its tokens are in the table, with a list-price estimate apart from BilledCost where there is a price. Add the invoice as a focus-file source.`;
}
