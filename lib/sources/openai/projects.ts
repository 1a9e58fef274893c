import { z } from 'zod';
import type { Meter } from '../../platform/meter.ts';
import { faultOf } from '../ai-vendor/answers.ts';
import { oddAnswer } from '../ai-vendor/errors.ts';
import type { VendorSession } from '../ai-vendor/http.ts';

export const PROJECTS_CALL = 'openai.organization.projects';

const Page = z.object({
  data: z.array(z.object({ id: z.string(), name: z.string().nullish() })),
  has_more: z.boolean(),
  last_id: z.string().nullish(),
});

/** Names of all projects by their ids, archived ones included: they have old costs. */
export async function openAiProjects(
  session: VendorSession,
  { where, meter }: { where: string; meter: Meter },
): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  const seen = new Set<string>();
  for (let after: string | null = null; ; ) {
    const query: [string, string][] = [
      ['limit', '100'],
      ['include_archived', 'true'],
      ...(after === null ? [] : [['after', after] satisfies [string, string]]),
    ];
    const { body } = await session.get({ call: PROJECTS_CALL, path: '/organization/projects', query }, meter);
    const page = Page.safeParse(body);
    if (!page.success)
      throw oddAnswer(where, PROJECTS_CALL, `a page that is not as documented: ${faultOf(page.error)}`);
    for (const { id, name } of page.data.data) if (name) names.set(id, name);
    if (!page.data.has_more) return names;
    after = page.data.last_id ?? page.data.data.at(-1)?.id ?? null;
    if (after === null || seen.has(after))
      throw oddAnswer(where, PROJECTS_CALL, 'the same page twice, so it would never end');
    seen.add(after);
  }
}
