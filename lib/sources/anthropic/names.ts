import { z } from 'zod';
import type { Meter } from '../../platform/meter.ts';
import { faultOf } from '../ai-vendor/answers.ts';
import { oddAnswer } from '../ai-vendor/errors.ts';
import type { VendorSession } from '../ai-vendor/http.ts';
import { namesOf } from '../ai-vendor/names.ts';

const ME = 'anthropic.organizations.me';
const WORKSPACES = 'anthropic.organizations.workspaces';

export const NAMES_CALLS: readonly string[] = [ME, WORKSPACES];

const Organisation = z.object({ id: z.string(), name: z.string().nullish() });

const LIST = { call: WORKSPACES, path: '/organizations/workspaces', limit: 1000, after: 'after_id' };

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

/** Names of all workspaces by their ids; the default workspace is not among them. */
export function anthropicWorkspaces(
  session: VendorSession,
  to: { where: string; meter: Meter },
): Promise<Map<string, string>> {
  return namesOf(session, LIST, to);
}
