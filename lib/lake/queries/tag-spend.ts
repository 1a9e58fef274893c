import type { TagSpend } from '../../checks/model.ts';
import { providerOf } from '../../focus/provider.ts';
import { ACCOUNT, IN_WINDOW, type NamedQuery, textIn, textOrNull } from './query.ts';

/**
 * Spend of a window by source, account, region, service, resource, category and distinct tag set. A row of a
 * source that cannot tell tags (grain `account-service`) has `tags` null; one of a source that can and names none
 * has `{}`. Tags are parsed once for each group, not for each row of the bill.
 */
export const tagSpend: NamedQuery<TagSpend> = {
  name: 'tag-spend',
  params: ['start', 'end'],
  sql: `
    SELECT COALESCE("x_Source", '') AS source, COALESCE("ProviderName", '') AS provider_name, ${ACCOUNT} AS account,
           "RegionId" AS region, COALESCE("ServiceName", '') AS service, "ResourceId" AS resource_id,
           MAX("ResourceName") AS resource_name, MAX("ResourceType") AS resource_type,
           COALESCE("ChargeCategory", '') AS charge_category, "BillingCurrency" AS currency,
           CASE WHEN "x_SourceGrain" = 'account-service' THEN NULL ELSE COALESCE("Tags", '{}') END AS tags,
           SUM("EffectiveCost") AS effective
    FROM costs WHERE ${IN_WINDOW}
    GROUP BY 1, 2, 3, 4, 5, 6, 9, 10, 11 ORDER BY 1, 2, 3, 4, 5, 6, 9, 10, 11`,
  row: (raw) => {
    const tags = textOrNull(raw, 'tags');
    return {
      source: textIn(raw, 'source'),
      provider: providerOf(textIn(raw, 'provider_name')),
      accountId: textIn(raw, 'account'),
      region: textOrNull(raw, 'region'),
      service: textIn(raw, 'service'),
      resourceId: textOrNull(raw, 'resource_id'),
      resourceName: textOrNull(raw, 'resource_name'),
      resourceType: textOrNull(raw, 'resource_type'),
      chargeCategory: textIn(raw, 'charge_category'),
      tags: tags === null ? null : tagsOf(tags),
      currency: textIn(raw, 'currency'),
      effective: textIn(raw, 'effective'),
    };
  },
};

/** A FOCUS Tags object; a value that is not text (FOCUS allows true for a tag without a value) as JSON text. */
function tagsOf(text: string): Readonly<Record<string, string>> {
  const parsed: unknown = JSON.parse(text);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return {};
  if (isTexts(parsed)) return parsed;
  return Object.fromEntries(
    Object.entries(parsed).map(([key, value]) => [key, typeof value === 'string' ? value : tagValue(value)]),
  );
}

/** Is every value a text already, as it nearly always is? Then the object need not be made again. */
function isTexts(parsed: object): parsed is Record<string, string> {
  return Object.values(parsed).every((value) => typeof value === 'string');
}

function tagValue(value: unknown): string {
  return value === null ? '' : JSON.stringify(value);
}
