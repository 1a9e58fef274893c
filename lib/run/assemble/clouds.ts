import type * as Aws from './aws.ts';
import type * as AwsScopes from './aws-scopes.ts';
import type * as Gcp from './gcp.ts';
import type * as Stores from './stores.ts';

/** What looks at each cloud; who assembles says when its clients are loaded. */
export interface Clouds {
  readonly aws: () => Promise<Pick<typeof Aws, 'awsEstate'>>;
  readonly awsScopes: () => Promise<Pick<typeof AwsScopes, 'ownAccount'>>;
  readonly gcp: () => Promise<Pick<typeof Gcp, 'gcpEstate'>>;
  readonly stores: () => Promise<Pick<typeof Stores, 'storesEstate'>>;
}

/** Loaded only where it is looked at: that is most of the time that a command takes to start. */
export const whenAsked: Clouds = {
  aws: () => import('./aws.ts'),
  awsScopes: () => import('./aws-scopes.ts'),
  gcp: () => import('./gcp.ts'),
  stores: () => import('./stores.ts'),
};
