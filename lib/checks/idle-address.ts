/**
 * idle-address: static addresses that are associated with nothing and billed by the hour.
 *
 * What it means: UNUSED is said of an address that belongs to the account, comes from Amazon's pool and is associated
 * with no machine and no network interface. All that it costs is saved by releasing it.
 *
 * What it leaves out: addresses that are associated, even with a machine that is stopped; that a service manages;
 * from pools of the account's own, which cost nothing.
 *
 * What it cannot see: for how long it has been associated with nothing; lists of allowed addresses, DNS entries and
 * machines to come that count on it. A released address is as good as lost: releasing is advice only.
 */
import { z } from 'zod';
import { type Resource, scopeOf } from '../estate/model.ts';
import { textOf } from './attributes.ts';
import { judgementOf, state } from './judgement.ts';
import type { Check } from './model.ts';
import { Scopes } from './scopes.ts';

export const settings = z.strictObject({});
export type IdleAddressSettings = z.output<typeof settings>;

const SOURCE = 'ec2:DescribeAddresses';

export const idleAddress: Check<IdleAddressSettings> = {
  id: 'idle-address',
  title: 'Addresses associated with nothing',
  needs: ['resources', 'costs'],
  datasets: ['aws.ec2.addresses', 'gcp.compute.addresses'],
  verdicts: { UNUSED: { actionable: true } },
  judge(facts) {
    const scopes = new Scopes(facts.coverage);
    return facts.resources
      .filter((address) => isFree(address) && scopes.complete(scopeOf(address)))
      .map((address) =>
        judgementOf(facts, address, {
          check: 'idle-address',
          verdict: 'UNUSED',
          confidence: 'high',
          saves: 'its whole cost',
          evidence: [
            state('association', 'none', sourceOf(address)),
            state(
              'address',
              textOf(address, 'publicIp') ?? textOf(address, 'address') ?? 'unknown',
              sourceOf(address),
            ),
          ],
          blindSpots: [
            'For how long it has been so is not told: it may have been in use until a moment ago.',
            'Once released, the same address hardly ever comes back: look for it in DNS and in lists of allowed addresses first.',
          ],
          reason:
            address.type === GCP
              ? 'It is reserved, and nothing uses it.'
              : 'It is associated with no machine and no network interface.',
          scopes: [scopeOf(address)],
        }),
      );
  },
  wouldChange: () => [
    'The address associated with a machine or a network interface: no finding.',
    'A service that manages it: no finding.',
  ],
};

const GCP = 'gcp:compute:address';

function sourceOf({ type }: Resource): string {
  return type === GCP ? 'compute.addresses.aggregatedList' : SOURCE;
}

/**
 * "A RESERVED address is currently reserved and available to use" (compute v1, Address.status). Internal ones and
 * those of IPv6 are left out, those with a purpose, which Google itself or a service uses, and a range of one's own.
 */
function isFreeAtGoogle({ state: now, attributes }: Resource): boolean {
  const { users, addressType, purpose, ipVersion, ownRange } = attributes;
  return (
    now === 'RESERVED' &&
    Array.isArray(users) &&
    users.length === 0 &&
    addressType === 'EXTERNAL' &&
    (purpose ?? null) === null &&
    ownRange === false &&
    (ipVersion ?? 'IPV4') === 'IPV4'
  );
}

function isFree(address: Resource): boolean {
  const { type, state: now, attributes } = address;
  if (type === GCP) return isFreeAtGoogle(address);
  if (type !== 'aws:ec2:elastic-ip' || now !== 'unassociated') return false;
  const { serviceManaged, publicIpv4Pool } = attributes;
  return (serviceManaged ?? null) === null && (publicIpv4Pool ?? 'amazon') === 'amazon';
}
