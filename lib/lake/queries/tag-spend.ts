import type { TagSpend } from '../../checks/model.ts';
import { providerOf } from '../../focus/provider.ts';
import { account, inWindow, type NamedQuery, orEmpty, textIn, textOrNull } from './query.ts';

/**
 * Spend of a window by source, account, region, service, resource, category and distinct tag set. A row of a
 * source that cannot tell tags (grain `account-service`) has `tags` null; one of a source that can and names none
 * has `{}`. Tags are parsed once for each group, not for each row of the bill.
 */
export const tagSpend: NamedQuery<TagSpend> = {
  name: 'tag-spend',
  params: ['start', 'end'],
  sql: (d) => `
    SELECT ${orEmpty(d, 'x_Source')} AS source, ${orEmpty(d, 'ProviderName')} AS provider_name,
           ${account(d)} AS account, ${d.name('RegionId')} AS region, ${orEmpty(d, 'ServiceName')} AS service,
           ${d.name('ResourceId')} AS resource_id, ${orEmpty(d, 'ChargeCategory')} AS charge_category,
           ${d.name('BillingCurrency')} AS currency,
           CASE WHEN ${d.name('x_SourceGrain')} = 'account-service' THEN NULL ELSE COALESCE(${d.name('Tags')}, '{}') END AS tags,
           MAX(${d.name('ResourceName')}) AS resource_name, MAX(${d.name('ResourceType')}) AS resource_type,
           SUM(${d.name('EffectiveCost')}) AS effective
    FROM costs WHERE ${inWindow(d)}
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
    ORDER BY 1, 2, 3, 4 NULLS LAST, 5, 6 NULLS LAST, 7, 8, 9 NULLS LAST`,
  merge: {
    keys: [
      'source',
      'provider_name',
      'account',
      'region',
      'service',
      'resource_id',
      'charge_category',
      'currency',
      'tags',
    ],
    sum: ['effective'],
    max: ['resource_name', 'resource_type'],
  },
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
