import { z } from 'zod';
import type { Meter } from '../../platform/meter.ts';
import { faultOf } from '../ai-vendor/answers.ts';
import { oddAnswer } from '../ai-vendor/errors.ts';
import type { VendorSession } from '../ai-vendor/http.ts';

const ME = 'anthropic.organizations.me';
const WORKSPACES = 'anthropic.organizations.workspaces';

export const NAMES_CALLS: readonly string[] = [ME, WORKSPACES];

const Organisation = z.object({ id: z.string(), name: z.string().nullish() });

const Page = z.object({
  data: z.array(z.object({ id: z.string(), name: z.string().nullish() })),
  has_more: z.boolean(),
  last_id: z.string().nullish(),
});

/** The organisation that the key is of (Anthropic API reference, "Get Current Organization", 2026). */
export async function anthropicOrganisation(
  session: VendorSession,
  { where, meter }: { where: string; meter: Meter },
): Promise<{ id: string; name: string | null }> {
  const { body } = await session.get({ call: ME, path: '/organizations/me', query: [] }, meter);
  const read = Organisation.safeParse(body);
  if (!read.success)
    throw oddAnswer(where, ME, `something else than an organisation: ${faultOf(read.error)}`);
  return { id: read.data.id, name: read.data.name ?? null };
}

/** Names of all workspaces by their ids, archived ones included; the default workspace is not among them. */
export async function anthropicWorkspaces(
  session: VendorSession,
  { where, meter }: { where: string; meter: Meter },
): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  const seen = new Set<string>();
  for (let after: string | null = null; ; ) {
    const query: [string, string][] = [
      ['limit', '1000'],
      ['include_archived', 'true'],
      ...(after === null ? [] : [['after_id', after] satisfies [string, string]]),
    ];
    const { body } = await session.get({ call: WORKSPACES, path: '/organizations/workspaces', query }, meter);
    const page = Page.safeParse(body);
    if (!page.success)
      throw oddAnswer(where, WORKSPACES, `a page that is not as documented: ${faultOf(page.error)}`);
    for (const { id, name } of page.data.data) if (name) names.set(id, name);
    if (!page.data.has_more) return names;
    after = page.data.last_id ?? null;
    if (after === null || seen.has(after))
      throw oddAnswer(where, WORKSPACES, 'the same page twice, so it would never end');
    seen.add(after);
  }
}
