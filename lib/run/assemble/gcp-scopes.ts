import { linkedProjects } from '../../estate/gcp/linked-projects.ts';
import { seenProjects } from '../../estate/gcp/seen-projects.ts';
import { type GcpSession, gcpSession } from '../../estate/gcp/session.ts';
import type { Scope } from '../../estate/model.ts';
import type { Estate } from '../auditor.ts';
import { googleAuth } from './google-auth.ts';

export interface GcpScopeSettings {
  /**
   * `linked`: every project that a billing account pays for; `organisation`: every project; both as far as the identity
   * sees them.
   */
  readonly projects: 'linked' | 'organisation' | readonly string[];
  readonly endpoint?: string | undefined;
}

/** The projects of Google Cloud, without any collector: one scope each. */
export interface GcpScopes extends Pick<Estate, 'plan'> {
  session(projectId: string): GcpSession;
}

export function gcpScopes({ projects, endpoint }: GcpScopeSettings): GcpScopes {
  const auth = googleAuth(endpoint);
  const session = (projectId: string) =>
    gcpSession({ projectId, auth, ...(endpoint === undefined ? {} : { endpoint }) });
  return {
    session,
    async plan(_now, meter) {
      const found =
        projects === 'linked'
          ? await linkedProjects(session('linked'), meter)
          : projects === 'organisation'
            ? await seenProjects(session('organisation'), meter)
            : { projects: [...new Set(projects)], coverage: [] };
      const scopes = found.projects.map(
        (accountId): Scope => ({ provider: 'gcp', accountId, region: 'global' }),
      );
      return { scopes, coverage: found.coverage };
    },
  };
}
