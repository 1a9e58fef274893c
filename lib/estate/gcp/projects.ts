import { z } from 'zod';
import type { Permission } from '../../platform/permissions.ts';
import type { Dataset } from '../model.ts';
import { ask, labels, lastPart, utc } from './read.ts';
import type { GcpSession } from './session.ts';

const MANAGER = 'cloudresourcemanager.googleapis.com';
const GET: Permission = {
  cloud: 'gcp',
  action: 'resourcemanager.projects.get',
  why: "reads the project's labels, state and folder",
};

/** What is read of a project (cloudresourcemanager v3, schema Project). */
const project = z.object({
  name: z.string(),
  projectId: z.string(),
  parent: z.string().optional(),
  state: z.string().optional(),
  displayName: z.string().optional(),
  createTime: z.string().optional(),
  labels,
});

/** The project itself: its labels, state and the folder or organisation that it is in. It does not see its tags. */
export const gcpProject: Dataset<GcpSession> = {
  id: 'gcp.resourcemanager.project',
  permissions: [GET],
  async collect(_scope, session, _now, _earlier, meter) {
    const found = await ask(session, meter, project, {
      call: 'cloudresourcemanager.projects.get',
      service: `https://${MANAGER}`,
      path: `/v3/projects/${encodeURIComponent(session.projectId)}`,
      permission: GET,
    });
    const [kind, id] = found.parent?.split('/') ?? [];
    return {
      resources: [
        {
          provider: 'gcp',
          accountId: session.projectId,
          region: 'global',
          type: 'gcp:cloudresourcemanager:project',
          id: `//${MANAGER}/projects/${session.projectId}`,
          name: found.displayName ?? null,
          state: found.state ?? 'unknown',
          created: utc(found.createTime),
          tags: found.labels ?? {},
          sku: null,
          accelerators: [],
          // `folders/123`, `organizations/456`
          parent:
            kind === undefined || id === undefined
              ? null
              : { type: `gcp:cloudresourcemanager:${kind.replace(/s$/, '')}`, id },
          attributes: { projectNumber: lastPart(found.name) },
        },
      ],
    };
  },
};
