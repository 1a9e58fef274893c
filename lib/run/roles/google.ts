import type { Config } from '../../config/schema.ts';
import {
  type GoogleGrant,
  type GoogleIdentity,
  type GooglePlace,
  googleGrants,
} from '../assemble/google-permissions.ts';
import { deployedPermissions } from '../assemble/permissions.ts';
import { NAMES } from './names.ts';

/** How the deployed functions become somebody in Google Cloud, without any key. */
export interface GoogleSetup {
  readonly pool: string;
  readonly provider: string;
  /** Service account by what it is for; `act` only where a policy says stop. */
  readonly accounts: Readonly<Partial<Record<GoogleIdentity, ServiceAccount>>>;
  /** Outputs of the stack that name the roles of the functions which ask Google anything. */
  readonly readers: readonly FunctionRole[];
  readonly grants: readonly GoogleGrant[];
  /** Is anything given on the organisation, or made there? */
  readonly organisation: boolean;
}

export type FunctionRole = 'PlanRoleArn' | 'CollectRoleArn' | 'SweepRoleArn';

export interface ServiceAccount {
  readonly name: string;
  /** Project that holds it; null: whoever sets it up says. */
  readonly project: string | null;
}

/** The function that stops: it alone may become the service account that acts. */
export const ACTS: FunctionRole = 'SweepRoleArn';

/**
 * What the provider takes of a caller: the name of its role. An assumed role's ARN also holds the session, which
 * for Lambda is the function's name; both together exceed the 127 bytes that a subject may have (IAM API v1,
 * WorkloadIdentityPoolProvider, attributeMapping; `extract`: IAM documentation, "Attribute reference for IAM
 * Conditions").
 */
export const ROLE_OF_CALLER = "assertion.arn.extract('assumed-role/{role}/')";

const OUTPUTS = { plan: 'PlanRoleArn', collect: 'CollectRoleArn', sweep: 'SweepRoleArn' } as const;

/** Null where the config asks nothing of Google Cloud. */
export function googleSetup(config: Config): GoogleSetup | null {
  const grants = googleGrants(config);
  if (grants.length === 0) return null;
  const permissions = deployedPermissions(config, NAMES);
  const { google } = config.deploy;
  const [, pool = 'bursar', provider = 'bursar-aws'] =
    /workloadIdentityPools\/([^/]+)\/providers\/([^/]+)$/.exec(google?.provider ?? '') ?? [];
  const { actAs } = config.estate.gcp ?? {};
  const acts = grants.some(({ identity }) => identity === 'act');
  return {
    pool,
    provider,
    accounts: {
      read: accountOf(google?.serviceAccount) ?? { name: 'bursar-read', project: null },
      ...(acts ? { act: accountOf(actAs) ?? { name: 'bursar-act', project: null } } : {}),
    },
    readers: (['plan', 'collect', 'sweep'] as const)
      .filter((entry) => permissions[entry].some(({ cloud }) => cloud === 'gcp'))
      .map((entry) => OUTPUTS[entry]),
    grants,
    organisation: grants.some(({ places }) => places.some(inOrganisation)),
  };
}

/** Roles for what has no project that is known, or no project at all, are the organisation's. */
export function inOrganisation({ level }: GooglePlace): boolean {
  return level === 'organisation' || level === 'bucket';
}

function accountOf(email: string | undefined): ServiceAccount | null {
  const [, name, project] = /^([^@]+)@(.+)\.iam\.gserviceaccount\.com$/.exec(email ?? '') ?? [];
  return name === undefined || project === undefined ? null : { name, project };
}
