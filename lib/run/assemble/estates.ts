import type { Config } from '../../config/schema.ts';
import type { Estate } from '../auditor.ts';
import { type AwsEstateSettings, awsEstate } from './aws.ts';
import { gcpEstate } from './gcp.ts';
import { storesEstate } from './stores.ts';

/** The AWS accounts and regions of a config, and how they are entered; null where it names none. */
export function awsSettings({ estate: { aws } }: Config): AwsEstateSettings | null {
  if (aws === undefined) return null;
  const { accounts, regions, readRole: roleName, externalId } = aws;
  return { accounts, regions, assume: { roleName, ...(externalId === undefined ? {} : { externalId }) } };
}

/** Every part of the estate that a config names. */
export function estatesOf(config: Config): Estate[] {
  const { gcp, stores } = config.estate;
  const aws = awsSettings(config);
  return [
    ...(aws === null ? [] : [awsEstate(aws)]),
    ...(gcp === undefined ? [] : [gcpEstate(gcp.projects, gcp.endpoint)]),
    ...(Object.keys(stores).length === 0 ? [] : [storesEstate(stores)]),
  ];
}
