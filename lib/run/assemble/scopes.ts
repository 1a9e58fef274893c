import type { Config } from '../../config/schema.ts';
import type { Estate } from '../auditor.ts';
import { awsScopeSettings } from './aws-scope-settings.ts';
import { awsScopes } from './aws-scopes.ts';
import { gcpScopes } from './gcp-scopes.ts';
import { storeScopes } from './store-scopes.ts';

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
