import type { Config } from '../../config/schema.ts';
import type { Estate } from '../auditor.ts';
import { type AwsScopeSettings, awsScopes } from './aws-scopes.ts';
import { gcpScopes } from './gcp-scopes.ts';
import { storeScopes } from './store-scopes.ts';

/** The AWS accounts and regions of a config, and how they are entered; null where it names none. */
export function awsScopeSettings({ estate: { aws } }: Pick<Config, 'estate'>): AwsScopeSettings | null {
  if (aws === undefined) return null;
  const { accounts, regions, readRole: roleName, externalId, telemetryFrom } = aws;
  const assume = { roleName, ...(externalId === undefined ? {} : { externalId }) };
  return { accounts, regions, assume, telemetryFrom };
}

/** Every part of the estate that a config names, to list its scopes: nothing here can collect one. */
export function scopesOf(config: Config): Pick<Estate, 'plan'>[] {
  const { gcp, stores } = config.estate;
  const aws = awsScopeSettings(config);
  return [
    ...(aws === null ? [] : [awsScopes(aws)]),
    ...(gcp === undefined ? [] : [gcpScopes(gcp)]),
    ...(Object.keys(stores).length === 0 ? [] : [storeScopes(stores)]),
  ];
}
