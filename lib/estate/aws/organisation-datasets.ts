import type { Dataset } from '../model.ts';
import { type AllocationTagsSession, awsCostAllocationTags } from './cost-allocation-tags.ts';
import { awsOrganisationAccounts, type OrganisationSession } from './organisation.ts';

/** Everything that is collected of an AWS organisation itself, in a scope of its own: `aws:<own account>:global`. */
export const AWS_ORGANISATION_DATASETS: readonly Dataset<OrganisationSession & AllocationTagsSession>[] = [
  awsOrganisationAccounts,
  awsCostAllocationTags,
];
