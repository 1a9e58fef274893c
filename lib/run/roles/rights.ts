import type { Config } from '../../config/schema.ts';
import type { Permission } from '../../platform/permissions.ts';
import { deployedEntries } from '../assemble/entries.ts';
import { googleGrants } from '../assemble/google-permissions.ts';
import { memberRoles } from '../assemble/member-permissions.ts';
import {
  type DeployedNames,
  deployedPermissions,
  storeCollectorPermissions,
} from '../assemble/permissions.ts';
import type { Named } from '../assemble/policy-statements.ts';
import { storeNetworks } from '../assemble/store-networks.ts';
import { NAMES } from './names.ts';

/** One right of one holder. */
export interface Right {
  /** `function sweep`, `role BursarAct`, `Google Cloud: act`, `Slack: digest`. */
  readonly holder: string;
  readonly action: string;
  /** On one resource: an ARN pattern, a name in capitals for what the deployment names, or `*`. */
  readonly on: string;
  readonly why: string;
}

/** What is held and what is never allowed, under a config: everything that a deployment of it grants. */
export function rightsOf(config: Config, names: DeployedNames = NAMES): Right[] {
  const functions = deployedPermissions(config, names);
  const deployed = deployedEntries(config);
  return unique([
    ...deployed.flatMap((entry) => ofFunction(`function ${entry}`, functions[entry])),
    ...storeNetworks(config.estate.stores).flatMap((place) =>
      ofFunction(`function collect in ${place.id}`, storeCollectorPermissions(config, names, place)),
    ),
    ...memberRoles(config).flatMap((role) => held(`role ${role.roleName}`, role.rights)),
    ...googleGrants(config).flatMap(({ identity, permissions, places }) =>
      permissions.flatMap(({ action, why }) =>
        places.map((place) => ({
          holder: `Google Cloud: ${identity}`,
          action,
          on: 'project' in place ? ofProject(place) : place.level === 'bucket' ? place.bucket : place.level,
          why,
        })),
      ),
    ),
  ]);
}

/** What the roles that change something are never allowed, each as one line. */
export function deniesOf(config: Config): string[] {
  return memberRoles(config).flatMap((role) =>
    role
      .statements(AS_DECLARED)
      .filter(({ Effect }) => Effect === 'Deny')
      .map(({ Action, Condition }) => `role ${role.roleName}: ${Action.join(', ')} where ${told(Condition)}`),
  );
}

const AS_DECLARED: Named = (arn) => arn;

function ofFunction(holder: string, rights: readonly Permission[]): Right[] {
  return [
    ...held(
      holder,
      rights.filter(({ cloud }) => cloud === 'aws'),
    ),
    // Rights in Google Cloud are those of the service accounts, except to become the one that acts.
    ...rights
      .filter(({ cloud, resources }) => cloud === 'gcp' && resources !== undefined)
      .flatMap((right) => held(holder, [right])),
    ...rights
      .filter(({ cloud }) => cloud === 'slack')
      .map(({ action, why }) => ({ holder, action, on: 'Slack', why })),
  ];
}

function held(holder: string, rights: readonly Permission[]): Right[] {
  return rights.flatMap(({ action, resources = ['*'], why }) =>
    resources.map((on) => ({ holder, action, on, why })),
  );
}

function ofProject(place: { readonly project: string; readonly dataset?: string }): string {
  return place.dataset === undefined ? place.project : `${place.project}.${place.dataset}`;
}

/** What several adapters declare is one right: their reasons stand in it. */
function unique(rights: readonly Right[]): Right[] {
  const known = new Map<string, { right: Right; whys: Set<string> }>();
  for (const right of rights) {
    const key = keyOf(right);
    const one = known.get(key) ?? { right, whys: new Set() };
    one.whys.add(right.why);
    known.set(key, one);
  }
  return [...known.values()].map(({ right, whys }) => ({ ...right, why: [...whys].join('; ') }));
}

export function keyOf({ holder, action, on }: Right): string {
  return `${holder} ${action} ${on}`;
}

function told(condition: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {}): string {
  return Object.entries(condition)
    .flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, value]) =>
        operator === 'Null' ? `${key} is there` : `${key} is ${[value].flat().join(', ')}`,
      ),
    )
    .join(' and ');
}
