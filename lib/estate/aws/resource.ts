import type { Resource } from '../model.ts';
import type { AwsPlace } from './session.ts';

/** What a resource of AWS is where its collector does not say otherwise. */
export function awsResource(
  { accountId, region }: AwsPlace,
  own: Pick<Resource, 'type' | 'id' | 'state'> & Partial<Resource>,
): Resource {
  return {
    provider: 'aws',
    accountId,
    region,
    name: null,
    created: null,
    tags: {},
    sku: null,
    accelerators: [],
    parent: null,
    attributes: {},
    ...own,
  };
}

/** A time as the resource model writes it. */
export function isoTime(time: Date | number | undefined): string | null {
  return time === undefined ? null : new Date(time).toISOString();
}
