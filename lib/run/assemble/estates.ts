import { ownerResolver } from '../../checks/index.ts';
import { isReachable } from '../../checks/owner.ts';
import type { Config } from '../../config/schema.ts';
import type { PriceList } from '../../estate/list-prices.ts';
import type { Resource } from '../../estate/model.ts';
import type { Estate } from '../auditor.ts';
import type { AwsEstateSettings } from './aws.ts';
import { awsScopeSettings } from './aws-scope-settings.ts';
import type { Clouds } from './clouds.ts';
import { asksAwsListPrices, asksGcpListPrices } from './list-prices.ts';

/** The AWS accounts and regions of a config, and how they are entered; null where it names none. */
export function awsSettings({ estate, sources, owners }: Config): AwsEstateSettings | null {
  const scopes = awsScopeSettings({ estate });
  if (scopes === null) return null;
  return {
    ...scopes,
    listPrices: asksAwsListPrices({ estate, sources }),
    advice: estate.aws?.advice,
    ...(owners.creators ? { creators: withoutOwner(owners) } : {}),
  };
}

/** Has a resource no owner by tag or config who can be written to? Then its creator may answer for it. */
function withoutOwner(owners: Config['owners']): (resource: Resource) => boolean {
  const ownerOf = ownerResolver(owners);
  return (resource) => {
    const owner = ownerOf(resource);
    return owner === null || !isReachable(owner.id);
  };
}

/**
 * Every part of the estate that a config names.
 * @param clouds is asked for no other cloud
 * @param gcpPrices loads Google's list prices, which need a large client; left out where none are asked
 */
export async function estatesOf(
  config: Config,
  clouds: Clouds,
  gcpPrices?: () => Promise<PriceList>,
): Promise<Estate[]> {
  const { gcp, stores } = config.estate;
  const aws = awsSettings(config);
  const estates: Estate[] = [];
  if (aws !== null) estates.push((await clouds.aws()).awsEstate(aws));
  if (gcp !== undefined) {
    const prices = asksGcpListPrices(config) ? gcpPrices : undefined;
    const creators = config.owners.creators ? withoutOwner(config.owners) : undefined;
    estates.push((await clouds.gcp()).gcpEstate({ ...gcp, prices, creators }));
  }
  if (Object.keys(stores).length > 0) estates.push((await clouds.stores()).storesEstate(stores));
  return estates;
}
