import type { Meter } from '../../platform/meter.ts';
import type { VendorSession } from '../ai-vendor/http.ts';
import { namesOf } from '../ai-vendor/names.ts';

export const PROJECTS_CALL = 'openai.organization.projects';

const PROJECTS = { call: PROJECTS_CALL, path: '/organization/projects', limit: 100, after: 'after' };

/** Names of all projects by their ids. */
export function openAiProjects(
  session: VendorSession,
  to: { where: string; meter: Meter },
): Promise<Map<string, string>> {
  return namesOf(session, PROJECTS, to);
}
