/**
 * unused-capacity-reservation: machines that are held ready, paid for, and not run.
 *
 * What it means: IDLE is said where no instance of an active reservation was in use at any time of the window, with
 * nearly every sample there, and some of every period. INEFFICIENT is said where some of its instances never were. SUSPECTED is a reservation
 * that stands empty now, without the samples to tell how it was before. At Google it is reservations of machines of
 * Compute Engine, and of TPUs, whose chips are counted.
 *
 * What it leaves out: reservations that have not begun, or began within the window; an account and region, or a
 * project, that was not read whole, or not lately.
 *
 * What it cannot see: why capacity is held ready (a launch that must not fail). A Capacity Block is paid for in
 * advance: giving it back saves nothing; nor does it with one of Google that belongs to a commitment, or that a future
 * reservation made, which can be deleted after its period (Compute Engine documentation, "Cancel or delete future
 * reservation requests", read November 2026): where one has an end, no saving is told, and one that has none may be of
 * that kind unseen. Cancelling is advice: capacity given back may not be had again.
 */
import { z } from 'zod';
import { type Json, type Resource, scopeName, scopeOf, type Telemetry } from '../estate/model.ts';
import { datasetOf } from '../platform/coverage.ts';
import { numberOf, textOf, timeOf } from './attributes.ts';
import { duration, durationMs, interval } from './duration.ts';
import { byResource, readings, type Span } from './gpu-readings.ts';
import { judgementOf } from './judgement.ts';
import type { Check, Evidence, Verdict } from './model.ts';
import { Scopes } from './scopes.ts';

export const settings = z.strictObject({
  window: duration.default('7d').describe('how long instances may never have been in use'),
  sampleShare: z
    .number()
    .gt(0)
    .max(100)
    .default(90)
    .describe('share of the expected samples, in percent, that must have come'),
});
export type UnusedCapacityReservationSettings = z.output<typeof settings>;

/** Where a kind of reservation is read, and the state of one that holds capacity now. */
const KINDS = {
  'aws:ec2:capacity-reservation': {
    listed: 'aws.ec2.capacity-reservations',
    measured: 'aws.ec2.capacity-reservation-telemetry',
    source: 'ec2:DescribeCapacityReservations',
    ready: 'active',
  },
  'gcp:compute:reservation': {
    listed: 'gcp.compute.reservations',
    measured: 'gcp.compute.reservation-telemetry',
    source: 'compute.reservations.aggregatedList',
    ready: 'READY',
  },
} as const;

function kindOf({ type }: Resource): (typeof KINDS)[keyof typeof KINDS] | null {
  return type === 'aws:ec2:capacity-reservation' || type === 'gcp:compute:reservation' ? KINDS[type] : null;
}

export const unusedCapacityReservation: Check<UnusedCapacityReservationSettings> = {
  id: 'unused-capacity-reservation',
  title: 'Capacity reservations without instances',
  needs: ['resources', 'telemetry', 'costs'],
  datasets: Object.values(KINDS).flatMap(({ listed, measured }) => [listed, measured]),
  verdicts: {
    IDLE: { actionable: false },
    INEFFICIENT: { actionable: false },
    SUSPECTED: { actionable: false },
  },
  judge(facts, limits, now) {
    const scopes = new Scopes(facts.coverage);
    const telemetry = byResource(facts.telemetry);
    return facts.resources.flatMap((held) => {
      const kind = kindOf(held);
      if (kind === null || held.state !== kind.ready) return [];
      const named = [scopeOf(held), datasetOf(scopeName(held), kind.measured)];
      const asOf = scopes.lately(scopeName(held), now);
      if (asOf === null || !named.every((name) => scopes.complete(name))) return [];
      const found = verdictOf(
        held,
        telemetry.get(held.id) ?? [],
        limits,
        Math.min(asOf, now.getTime()),
        kind.source,
      );
      if (found === null) return [];
      const block = textOf(held, 'reservationType') === 'capacity-block';
      const ends = timeOf(held, 'commitmentEnds');
      const committed = ends !== null && ends > now.getTime();
      const commitments = namesIn(held.attributes['commitments']);
      const shared = held.attributes['shared'] === true;
      const endsAt = textOf(held, 'endsAt');
      const free =
        !block &&
        !committed &&
        endsAt === null &&
        commitments.length === 0 &&
        !shared &&
        textOf(held, 'unusedBilledTo') === null;
      return [
        judgementOf(facts, held, {
          check: 'unused-capacity-reservation',
          verdict: found.verdict,
          confidence: found.verdict === 'SUSPECTED' ? 'low' : 'high',
          saves: found.verdict === 'IDLE' && free ? 'its whole cost' : null,
          evidence: found.evidence,
          blindSpots: [
            ...(block
              ? ['It is a Capacity Block, which is paid for in advance: ending it saves nothing.']
              : []),
            ...(committed
              ? [
                  `It is committed until ${new Date(ends).toISOString().slice(0, 10)}: nothing is saved before.`,
                ]
              : []),
            ...(commitments.length === 0
              ? []
              : [
                  `It belongs to ${commitments.join(', ')}: the commitment is paid until it ends, whether the capacity is held or not.`,
                ]),
            ...(endsAt === null
              ? []
              : [
                  `It ends by itself on ${endsAt.slice(0, 10)}: where a future reservation made it, it cannot be given back before.`,
                ]),
            ...(shared
              ? [
                  'Other projects may use it, and their bills have what they used: how far the bills fall is not told.',
                ]
              : []),
            ...(textOf(held, 'unusedBilledTo') === null
              ? []
              : ['Another account is billed for what is unused: what this bill says of it is not all.']),
            ...(found.verdict === 'INEFFICIENT'
              ? ['How much of its cost the instances that were never used have is not told.']
              : []),
            'Capacity that is given back may not be had again while its type is scarce.',
          ],
          reason: found.reason,
          scopes: named,
        }),
      ];
    });
  },
  wouldChange(verdict, { window, sampleShare }) {
    if (verdict === 'SUSPECTED')
      return [
        `${sampleShare}% of the samples of ${window}, none above zero: IDLE; one above: no finding, or less.`,
      ];
    return [
      `Every instance of it in use at once within ${window}: no finding.`,
      ...(verdict === 'IDLE'
        ? [`One instance in use within ${window}: INEFFICIENT, where it holds more.`]
        : []),
    ];
  },
};

interface Found {
  readonly verdict: Extract<Verdict, 'IDLE' | 'INEFFICIENT' | 'SUSPECTED'>;
  readonly reason: string;
  readonly evidence: readonly Evidence[];
}

function verdictOf(
  held: Resource,
  series: readonly Telemetry[],
  { window, sampleShare }: UnusedCapacityReservationSettings,
  asOf: number,
  source: string,
): Found | null {
  const total = numberOf(held, 'totalInstances');
  const unit = textOf(held, 'unit') ?? 'instances';
  if (total === null || total <= 0) return null;
  const period = (series.find(({ metric }) => metric === 'used-capacity')?.period ?? 3600) * 1000;
  const end = Math.floor(asOf / period) * period;
  const span: Span = { start: end - durationMs(window), end };
  const began = Date.parse(held.created ?? '');
  if (!(began <= span.start)) return null;
  const available = numberOf(held, 'availableInstances');
  const inventory = { window: '', source };
  const evidence: Evidence[] = [
    { name: `${unit} reserved`, value: String(total), unit: held.sku ?? '', ...inventory },
    {
      name: 'free now',
      value: available === null ? 'no data' : String(available),
      unit,
      ...inventory,
    },
  ];
  const [used] = readings(series, 'used-capacity', span).toSorted((a, b) => b.share - a.share);
  const all: Evidence[] =
    used === undefined
      ? evidence
      : [
          ...evidence,
          {
            name: 'most in use at once',
            value: used.maximum === null ? 'no data' : String(used.maximum),
            unit: `${unit}, ${used.received} of ${used.expected} points`,
            window: interval(span.start, span.end),
            source: used.source,
          },
        ];
  // What is in use now is in use, whatever was measured before.
  const inUse = available === null ? null : total - available;
  const most = used?.maximum ?? null;
  if (
    used !== undefined &&
    most !== null &&
    used.gaps === 0 &&
    used.share * 100 >= sampleShare &&
    inUse !== null
  ) {
    const peak = Math.max(most, inUse);
    if (peak === 0)
      return {
        verdict: 'IDLE',
        reason: `None of its ${total} ${unit} was in use within ${window}.`,
        evidence: all,
      };
    return peak >= total
      ? null
      : {
          verdict: 'INEFFICIENT',
          reason: `Of its ${total} ${unit} at most ${peak} were in use at once within ${window}.`,
          evidence: all,
        };
  }
  return inUse === 0 && !(most !== null && most > 0)
    ? {
        verdict: 'SUSPECTED',
        reason: `None of its ${total} ${unit} is in use now; how it was before is not measured.`,
        evidence: all,
      }
    : null;
}

function namesIn(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
