import { z } from 'zod';
import type { Coverage } from '../../platform/coverage.ts';
import { BursarError } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';
import { faultOf } from './answers.ts';
import { oddAnswer } from './errors.ts';
import type { VendorSession } from './http.ts';

const Page = z.object({
  data: z.array(z.object({ id: z.string(), name: z.string().nullish() })),
  has_more: z.boolean(),
  last_id: z.string().nullish(),
});

/** A list of things with names, as both vendors page it. */
export interface NamedList {
  readonly call: string;
  readonly path: string;
  readonly limit: number;
  /** The parameter that names the last id of the page before. */
  readonly after: string;
}

/** Names of all things of a list by their ids, archived ones included: they have old costs. */
export async function namesOf(
  session: VendorSession,
  { call, path, limit, after: parameter }: NamedList,
  { where, meter }: { where: string; meter: Meter },
): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  const seen = new Set<string>();
  for (let after: string | null = null; ; ) {
    const query: [string, string][] = [
      ['limit', String(limit)],
      ['include_archived', 'true'],
      ...(after === null ? [] : [[parameter, after] satisfies [string, string]]),
    ];
    const { body } = await session.get({ call, path, query }, meter);
    const page = Page.safeParse(body);
    if (!page.success)
      throw oddAnswer(where, call, `a page that is not as documented: ${faultOf(page.error)}`);
    for (const { id, name } of page.data.data) if (name) names.set(id, name);
    if (!page.data.has_more) return names;
    after = page.data.last_id ?? page.data.data.at(-1)?.id ?? null;
    if (after === null || seen.has(after))
      throw oddAnswer(where, call, 'the same page twice, so it would never end');
    seen.add(after);
  }
}

/**
 * What a list of names gives, or nothing where the key may not read it: names are a help, the bill stands without
 * them. What is missing is told in `gaps` under `scope`.
 */
export async function namesOrGap<T>(
  scope: string,
  what: string,
  gaps: Map<string, Coverage>,
  ask: () => Promise<T>,
): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof BursarError) || !['denied', 'credentials', 'input'].includes(error.code))
      throw error;
    gaps.set(scope, { scope, status: 'failed', reason: `${what}: ${error.told}`, asOf: null });
    return null;
  }
}
