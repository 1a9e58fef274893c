import { awsEstate } from './aws.ts';
import { ownAccount } from './aws-scopes.ts';
import type { Clouds } from './clouds.ts';
import { gcpEstate } from './gcp.ts';
import { storesEstate } from './stores.ts';

/**
 * For the functions, each of which is one file: of what is imported when asked, esbuild keeps everything, whole clients
 * with all their commands, since it does not see what of it is used (1.3 MB more in each function that looks).
 */
export const atOnce: Clouds = {
  aws: async () => ({ awsEstate }),
  awsScopes: async () => ({ ownAccount }),
  gcp: async () => ({ gcpEstate }),
  stores: async () => ({ storesEstate }),
};
