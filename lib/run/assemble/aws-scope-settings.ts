import type { Config } from '../../config/schema.ts';
import type { AwsScopeSettings } from './aws-scopes.ts';

/** The AWS accounts and regions of a config, and how they are entered; null where it names none. */
export function awsScopeSettings({ estate: { aws } }: Pick<Config, 'estate'>): AwsScopeSettings | null {
  if (aws === undefined) return null;
  const { accounts, regions, readRole: roleName, externalId, telemetryFrom } = aws;
  const assume = { roleName, ...(externalId === undefined ? {} : { externalId }) };
  return { accounts, regions, assume, telemetryFrom };
}
