import { type CostExplorerClient, ListCostAllocationTagsCommand } from '@aws-sdk/client-cost-explorer';
import { awsPages } from '../../platform/aws-call.ts';
import type { Permission } from '../../platform/permissions.ts';
import { type Dataset, scopeName } from '../model.ts';

/** With credentials of the payer, or of an account that belongs to no organisation: no other may ask. */
export interface AllocationTagsSession {
  readonly costExplorer: CostExplorerClient;
  readonly accountId: string;
}

const LIST: Permission = {
  cloud: 'aws',
  action: 'ce:ListCostAllocationTags',
  why: 'tells which tag keys are activated for the bill',
  price: '0.01 USD a request',
};

/** "Each request will incur a cost of $0.01" (AWS Cost Explorer pricing page, Cost Explorer API, read 2026-11). */
const REQUEST_USD = '0.01';

/**
 * The payer's own tag keys by whether they are active as cost allocation tags: only those show in its bills
 * (Billing User Guide, "Using user-defined cost allocation tags"). One resource, which holds both lists.
 *
 * It does not see: since when a key is active; keys that AWS has not listed yet (up to 24 hours after their first
 * use, same page); tags that AWS itself makes.
 */
export const awsCostAllocationTags: Dataset<AllocationTagsSession> = {
  id: 'aws.ce.cost-allocation-tags',
  permissions: [LIST],
  async collect(scope, { costExplorer, accountId }, _now, _earlier, meter) {
    const call = { action: LIST.action, where: scopeName(scope), meter, usd: REQUEST_USD };
    const pages = awsPages(call, (token) =>
      costExplorer.send(
        new ListCostAllocationTagsCommand({
          Type: 'UserDefined',
          MaxResults: 1000,
          ...(token === undefined ? {} : { NextToken: token }),
        }),
      ),
    );
    const keys = { Active: new Set<string>(), Inactive: new Set<string>() };
    for await (const { CostAllocationTags } of pages)
      for (const { TagKey, Status } of CostAllocationTags ?? [])
        if (TagKey !== undefined && (Status === 'Active' || Status === 'Inactive')) keys[Status].add(TagKey);
    return {
      resources: [
        {
          provider: 'aws',
          accountId,
          region: 'global',
          type: 'aws:ce:cost-allocation-tags',
          id: `account/${accountId}/cost-allocation-tags`,
          name: null,
          state: 'listed',
          created: null,
          tags: {},
          sku: null,
          accelerators: [],
          parent: null,
          attributes: {
            active: [...keys.Active].toSorted(),
            inactive: [...keys.Inactive].toSorted(),
          },
        },
      ],
    };
  },
};
