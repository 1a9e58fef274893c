import { z } from 'zod';
import type { Meter } from '../../platform/meter.ts';
import { count, dayOf, label, numeric, reportPages } from '../ai-vendor/answers.ts';
import { oddAnswer } from '../ai-vendor/errors.ts';
import type { VendorSession } from '../ai-vendor/http.ts';
import type { Charge } from '../ai-vendor/model.ts';
import type { VendorPeriod } from '../ai-vendor/window.ts';
import { billedOf, lineItem } from './line-item.ts';

export const COSTS_CALL = 'openai.organization.costs';

/**
 * A result of GET /organization/costs grouped by project, line item and key (OpenAI's published interface, August
 * 2026). `amount.value` is a number there; answers of 2026 hold a text of up to 40 digits, or `0E-6176`.
 */
const Bucket = z.object({
  start_time: count,
  end_time: count,
  results: z.array(
    z.object({
      amount: z.object({ value: numeric, currency: z.string().regex(/^[a-zA-Z]{3}$/) }),
      line_item: label,
      project_id: label,
      api_key_id: label,
      quantity: numeric.nullish(),
      quantity_unit: z.string().nullish(),
      organization_id: label,
      organization_name: label,
    }),
  ),
});

export interface OpenAiCosts {
  readonly charges: Charge[];
  /** Who is billed, as far as the answers say it. */
  readonly organisation: { readonly id: string; readonly name: string | null } | null;
}

/** All costs of a period: daily buckets are the only ones that there are. */
export async function openAiCosts(
  session: VendorSession,
  period: VendorPeriod,
  { where, meter, projects }: { where: string; meter: Meter; projects: readonly string[] },
): Promise<OpenAiCosts> {
  const odd = (what: string) => oddAnswer(where, COSTS_CALL, what);
  const charges: Charge[] = [];
  const seen = new Set<string>();
  let organisation: OpenAiCosts['organisation'] = null;
  const request = {
    call: COSTS_CALL,
    path: '/organization/costs',
    query: [
      ...timesOf(period, 'costs'),
      ...['project_id', 'line_item', 'api_key_id'].map((name): [string, string] => ['group_by', name]),
      ...projects.map((id): [string, string] => ['project_ids', id]),
    ],
  };
  for await (const { buckets, headers } of reportPages(session, request, Bucket, { where, meter })) {
    // "openai-organization: The organization associated with the request" (OpenAI API reference, "Debugging requests").
    const named = headers.get('openai-organization');
    if (named !== null && named !== '') organisation ??= { id: named, name: null };
    for (const bucket of buckets) {
      const day = dayOf({ start: Number(bucket.start_time), end: Number(bucket.end_time) }, period, odd);
      if (day === null) continue;
      for (const result of bucket.results) {
        const { line_item: text, project_id: project, api_key_id: apiKey, amount } = result;
        const item = lineItem(text, result.quantity_unit ?? null);
        const key = JSON.stringify([day, text, project, apiKey, amount.currency]);
        if (seen.has(key))
          throw odd(
            `${text ?? 'a cost'} of ${project ?? 'no project'} on ${day} twice, which would count it double`,
          );
        seen.add(key);
        if (result.organization_id !== null)
          organisation = { id: result.organization_id, name: result.organization_name };
        charges.push({
          ...item,
          day,
          subAccount: project,
          apiKey,
          amount: amount.value,
          currency: amount.currency.toUpperCase(),
          description: text,
          billed: billedOf(result.quantity ?? null, result.quantity_unit, item),
        });
      }
    }
  }
  return { charges, organisation };
}

/** A page of costs may hold 180 days, one of usage 31 (same interface, `limit`): a month is one page. */
export function timesOf({ start, end }: VendorPeriod, of: 'costs' | 'usage'): [string, string][] {
  return [
    ['start_time', String(start)],
    ['end_time', String(end)],
    ['bucket_width', '1d'],
    ['limit', of === 'costs' ? '180' : '31'],
  ];
}
