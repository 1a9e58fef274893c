import { hash } from 'node:crypto';
import type { StoreConfig } from '../../config/schema.ts';
import type { Permission } from '../../platform/permissions.ts';
import type { Task } from '../tasks.ts';
import { type Stores, storeScopes } from './store-scopes.ts';

/** A place in a VPC, with the stores that are looked at from there. */
export interface StoreNetwork {
  /** The same as long as subnets and security groups are. */
  readonly id: string;
  readonly network: NonNullable<StoreConfig['network']>;
  /** Ids of the stores, sorted. */
  readonly stores: readonly string[];
}

/** The places in VPCs that the stores name, each once. */
export function storeNetworks(stores: Stores): StoreNetwork[] {
  const found = new Map<string, StoreNetwork>();
  for (const [store, { network }] of Object.entries(stores).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (network === undefined) continue;
    const { vpcId, subnets, securityGroups } = network;
    const id = hash(
      'sha256',
      JSON.stringify([vpcId, subnets.toSorted(), securityGroups.toSorted()]),
      'hex',
    ).slice(0, 8);
    const known = found.get(id);
    found.set(id, { id, network, stores: [...(known?.stores ?? []), store] });
  }
  return [...found.values()];
}

/** The place from which a task is collected; null: from outside of any VPC. */
export function networkOf(stores: Stores, task: Task): string | null {
  if (task.kind !== 'estate' || !storeScopes(stores).covers(task.scope)) return null;
  return storeNetworks(stores).find((place) => place.stores.includes(task.scope.accountId))?.id ?? null;
}

/** Stores that are looked at from outside of any VPC. */
export function openStores(stores: Stores): Stores {
  return Object.fromEntries(Object.entries(stores).filter(([, { network }]) => network === undefined));
}

/**
 * What Lambda itself needs, with the function's role, to attach a function to a VPC (AWS Lambda Developer Guide,
 * "Giving Lambda functions access to resources in an Amazon VPC", "Required IAM permissions").
 */
export const VPC_PERMISSIONS: readonly Permission[] = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
].map((action) => ({
  cloud: 'aws',
  action,
  why: 'lets Lambda attach the function to the VPC; the function itself is denied it',
}));
