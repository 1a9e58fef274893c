import { Impersonated } from 'google-auth-library';
import { GCP_ACT_SCOPES, type GcpActSession, gcpActSession } from '../../actions/gcp-session.ts';
import type { Config } from '../../config/schema.ts';
import { BursarError } from '../../platform/errors.ts';
import { googleError } from '../../platform/google-errors.ts';
import type { Meter } from '../../platform/meter.ts';
import { actingSource, loopbackAuth, onLoopback } from './google-auth.ts';

/** Impersonating needs this scope of who does it (IAM Credentials API v1, generateAccessToken, "Authorization scopes"). */
const IAM_SCOPES = ['https://www.googleapis.com/auth/cloud-platform'];
/** As AWS sessions that act: long enough for one stop and a look whether it came. */
const SECONDS = 900;

/**
 * Sessions that may stop and start in Google Cloud, as the service account that the config names for it and no
 * other: the credentials that read are never the ones that act.
 */
export function gcpActSessions(
  gcp: Config['estate']['gcp'],
  meter: Meter,
): (actionId: string, projectId: string) => Promise<GcpActSession> {
  let entering: Promise<Impersonated> | null = null;
  return async (actionId, projectId) => {
    const where = `gcp:${projectId}`;
    const { actAs, endpoint, projects = [] } = gcp ?? {};
    // Reading reaches as far as the bill or the organisation does; stopping only as far as somebody wrote down.
    const named = typeof projects === 'string' ? [] : projects;
    if (actAs === undefined)
      throw new BursarError('config', `no service account is configured that may carry out ${actionId}`, {
        where,
        hint: 'Nothing is done there; it is only warned about. Name one in estate.gcp.actAs.',
      });
    if (!named.includes(projectId))
      throw new BursarError('config', 'the config does not name this project', {
        where,
        hint: 'Nothing is done outside of the projects that estate.gcp.projects names.',
      });
    entering ??= impersonated(actAs, endpoint);
    try {
      const auth = await entering;
      await auth.getAccessToken();
      return gcpActSession({ projectId, auth, ...(endpoint === undefined ? {} : { endpoint }) }, meter);
    } catch (error) {
      entering = null;
      const call = 'iamcredentials.projects.serviceAccounts.generateAccessToken';
      throw googleError(error, { call, permission: 'iam.serviceAccounts.getAccessToken', where }) ?? error;
    }
  };
}

async function impersonated(targetPrincipal: string, endpoint: string | undefined): Promise<Impersonated> {
  const sourceClient = onLoopback(endpoint) ? loopbackAuth() : await actingSource(IAM_SCOPES);
  return new Impersonated({
    sourceClient,
    targetPrincipal,
    targetScopes: [...GCP_ACT_SCOPES],
    lifetime: SECONDS,
    ...(endpoint === undefined ? {} : { endpoint }),
  });
}
