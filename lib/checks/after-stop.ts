import type { Resource } from '../estate/model.ts';
import { type Money, money } from '../focus/money.ts';
import type { Evidence, Judgement } from './model.ts';

/** How far the bill falls when a machine stops, where capacity that is held for it is paid for all the same. */
export interface AfterStop {
  readonly saving: Money | null;
  readonly evidence: readonly Evidence[];
  readonly blindSpots: readonly string[];
}

/**
 * What of `uncovered` a stop really saves. A Capacity Block is paid for in advance. A Capacity Reservation is charged
 * at the on-demand rate whether instances run in it or not (EC2 User Guide, "Capacity Reservation pricing and
 * billing", read November 2026), so that the bill goes on under another name. An endpoint or a cluster of SageMaker may
 * run in capacity of a training plan (SageMaker AI Developer Guide, "Using training plans for SageMaker inference
 * endpoints"), which is paid for upfront (SageMaker API Reference, CreateTrainingPlan): which of its machines do, no
 * bill tells.
 * Google charges for reserved machines alike whether they run or not (Compute Engine documentation, "Reservations of
 * Compute Engine zonal resources", read November 2026), also where Vertex AI or a TPU runs in a reservation.
 * @param uncovered what no commitment covers of the cost of a month; null where that is not known
 */
export function afterStop(machine: Resource, uncovered: Money | null): AfterStop {
  const reserved = reservedBy(machine);
  if (reserved.length > 0)
    return {
      saving: null,
      evidence: [],
      blindSpots: [
        `It runs in reserved capacity (${reserved.join(', ')}), which is paid for all the same: how much deleting it saves only later bills tell.`,
      ],
    };
  const paid = paidAllTheSame(machine);
  if (paid === null) return { saving: uncovered, evidence: [], blindSpots: [] };
  const { name, source, blindSpots } = paid;
  return uncovered === null
    ? { saving: null, evidence: [ofNoAmount(paid)], blindSpots }
    : {
        saving: money('0', uncovered.currency),
        evidence: [{ name, value: uncovered.amount, unit: uncovered.currency, window: '', source }],
        blindSpots,
      };
}

interface Paid {
  readonly name: string;
  readonly source: string;
  readonly blindSpots: readonly string[];
}

/** What a machine runs in that costs the same while it is stopped; null where it runs in no such thing. */
function paidAllTheSame({ type, provider, attributes }: Resource): Paid | null {
  const { lifecycle, capacityReservation, reserved } = attributes;
  if (lifecycle === 'capacity-block')
    return { name: 'paid in advance', source: 'InstanceLifecycle capacity-block', blindSpots: [] };
  if (typeof capacityReservation === 'string')
    return {
      name: `goes on billing: Capacity Reservation ${capacityReservation}`,
      source:
        provider === 'gcp'
          ? 'compute.instances.aggregatedList resourceStatus, reservationAffinity'
          : 'ec2:DescribeInstances CapacityReservationId',
      blindSpots: [
        `It runs in Capacity Reservation ${capacityReservation}, which costs the same while nothing runs in it: the bill falls only where that is cancelled or made smaller, too.`,
      ],
    };
  return type === 'gcp:tpu:node' && reserved === true
    ? {
        name: 'goes on billing: its reservation',
        source: 'tpu.nodes.list schedulingConfig.reserved',
        blindSpots: ['It was made in a reservation, which costs the same while nothing runs in it.'],
      }
    : null;
}

function ofNoAmount({ name, source }: Paid): Evidence {
  return { name, value: 'what it costs', unit: '', window: '', source };
}

/**
 * The judgements, each of a machine in capacity that is paid for all the same with evidence of that: by whatever check
 * and verdict it is stopped, its owner's own word included, no bill that falls afterwards is to be told as a saving.
 */
export function withPaidAllTheSame(judgements: Judgement[], resources: readonly Resource[]): Judgement[] {
  const paid = new Map<string, Paid>();
  for (const one of resources) {
    const found = paidAllTheSame(one);
    if (found !== null) paid.set(one.id, found);
  }
  if (paid.size === 0) return judgements;
  return judgements.map((judged) => {
    const found = paid.get(judged.resourceId);
    return found === undefined || isPaidAllTheSame(judged.evidence)
      ? judged
      : { ...judged, evidence: [...judged.evidence, ofNoAmount(found)] };
  });
}

/** The reserved capacity of SageMaker (ARNs) or of Google that an endpoint may run in; none where it runs in none. */
export function reservedBy({ attributes }: Resource): string[] {
  const { mlReservations, reservations } = attributes;
  return [mlReservations, reservations].flatMap((named) => (Array.isArray(named) ? named.map(String) : []));
}

/** Does the evidence say that what the machine ran in is paid for, under another name on the bill, while it is stopped? */
export function isPaidAllTheSame(evidence: readonly Pick<Evidence, 'name'>[]): boolean {
  return evidence.some(({ name }) =>
    /^(paid in advance$|goes on billing: (Capacity Reservation |its reservation$))/.test(name),
  );
}
