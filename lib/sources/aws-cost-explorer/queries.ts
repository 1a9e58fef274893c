import type { Expression, GroupDefinition } from '@aws-sdk/client-cost-explorer';

/** One question to GetCostAndUsage. */
export interface CostQuery {
  readonly groupBy: readonly GroupDefinition[];
  readonly filter: Expression | null;
}

const dimension = (Key: string): GroupDefinition => ({ Type: 'DIMENSION', Key });

/** Everything, a day: what all the others must add up to. */
export const TOTAL: CostQuery = { groupBy: [], filter: null };

/** Everything, a day and record type: which groups there are, and what each must add up to. */
export const BY_RECORD_TYPE: CostQuery = { groupBy: [dimension('RECORD_TYPE')], filter: null };

/** Record types of one group, a day, account and service. */
export function byAccountAndService(types: readonly string[]): CostQuery {
  return {
    groupBy: [dimension('LINKED_ACCOUNT'), dimension('SERVICE')],
    filter: { Dimensions: { Key: 'RECORD_TYPE', Values: [...types] } },
  };
}

/** Everything by account and service, an hour. */
export const HOURLY: CostQuery = {
  groupBy: [dimension('LINKED_ACCOUNT'), dimension('SERVICE')],
  filter: null,
};

/** Everything by account and value of a tag. */
export function byTag(key: string): CostQuery {
  return { groupBy: [dimension('LINKED_ACCOUNT'), { Type: 'TAG', Key: key }], filter: null };
}
