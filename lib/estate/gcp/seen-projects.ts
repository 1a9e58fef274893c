import { z } from 'zod';
import type { Coverage } from '../../platform/coverage.ts';
import type { Meter } from '../../platform/meter.ts';
import type { Permission } from '../../platform/permissions.ts';
import { pages } from './read.ts';
import type { GcpSession } from './session.ts';

/** What finding the projects of an organisation needs: given on the organisation or a folder, it holds for all in it. */
export const SEEN_PROJECTS_PERMISSION: Permission = {
  cloud: 'gcp',
  action: 'resourcemanager.projects.get',
  why: 'names the projects of the organisation that are looked at',
};

/** What is read of a project (cloudresourcemanager v3, schema Project). */
const found = z.object({
  projects: z.array(z.object({ projectId: z.string().optional(), state: z.string().optional() })).optional(),
  nextPageToken: z.string().optional(),
});

/**
 * Ids of the projects that the identity sees, in order, whoever pays for them and in whatever folder they lie; those
 * that somebody asked to delete are left out (cloudresourcemanager v3, projects.search).
 *
 * It does not see: projects that the identity has no right to get, and those of the last minutes ("this method is
 * eventually consistent").
 * @throws BursarError where they cannot be searched
 */
export async function seenProjects(
  session: GcpSession,
  meter: Meter,
): Promise<{ projects: readonly string[]; coverage: readonly Coverage[] }> {
  const projects = new Set<string>();
  const listed = pages(session, meter, found, {
    call: 'cloudresourcemanager.projects.search',
    service: 'https://cloudresourcemanager.googleapis.com',
    path: '/v3/projects:search',
    permission: SEEN_PROJECTS_PERMISSION,
  });
  for await (const page of listed)
    for (const { projectId = '', state } of page.projects ?? [])
      if (projectId !== '' && state !== 'DELETE_REQUESTED') projects.add(projectId);
  if (projects.size > 0) return { projects: [...projects].toSorted(), coverage: [] };
  return {
    projects: [],
    coverage: [
      {
        scope: 'gcp-projects',
        status: 'not-covered',
        reason:
          'The identity sees no project. Grant it Browser on the organisation or its folders, or name the projects in estate.gcp.projects.',
        asOf: null,
      },
    ],
  };
}
