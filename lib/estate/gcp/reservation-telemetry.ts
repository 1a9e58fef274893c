import { type RawSeries, toTelemetry } from '../aws/series.ts';
import type { Dataset, Resource } from '../model.ts';
import {
  AT_ONCE,
  type GcpSeries,
  lastPeriods,
  type SeriesQuery,
  TIME_SERIES,
  timeSeries,
} from './monitoring.ts';
import { toldFault, whole } from './read.ts';
import { gcpReservations } from './reservations.ts';
import type { GcpSession } from './session.ts';

/**
 * How many of a reservation's machines, or chips, are in use, by the number of the reservation (Compute Engine
 * documentation, "Monitor reservations consumption", read November 2026: monitored resource
 * compute.googleapis.com/Reservation).
 */
const USED = 'compute.googleapis.com/reservation/used';

/**
 * How many of a reservation's machines were in use at most over the last two weeks, a quarter of a day a point. Where
 * several series speak of one, their sum is told, which is no less than what ran at once. It does not see which
 * machines ran, nor of which project where a reservation is shared. A metric without a point proves nothing.
 */
export const gcpReservationTelemetry: Dataset<GcpSession> = reservationTelemetryOf(null);

/** @param only ids of the reservations to ask for; null: all */
export function reservationTelemetryOf(only: ReadonlySet<string> | null): Dataset<GcpSession> {
  return {
    id: 'gcp.compute.reservation-telemetry',
    needs: [gcpReservations.id],
    permissions: [TIME_SERIES],
    async collect(scope, session, now, earlier, meter) {
      const byNumber = new Map<string, Resource>();
      for (const one of earlier.resources) {
        const { numericId } = one.attributes;
        const asked = one.type === 'gcp:compute:reservation' && one.state === 'READY';
        if (asked && typeof numericId === 'string' && only?.has(one.id) !== false)
          byNumber.set(numericId, one);
      }
      const window = lastPeriods(now);
      const raw: RawSeries[] = [];
      const missing: string[] = [];
      const numbers = [...byNumber.keys()];
      for (let from = 0; from < numbers.length; from += AT_ONCE) {
        const names = numbers.slice(from, from + AT_ONCE);
        const ask = (aligner: SeriesQuery['aligner']) =>
          timeSeries(
            session,
            meter,
            {
              metric: USED,
              resource: 'compute.googleapis.com/Reservation',
              label: 'reservation_id',
              names,
              aligner,
            },
            window,
          );
        try {
          const most = await ask('ALIGN_MAX');
          const counts = await ask('ALIGN_COUNT');
          for (const number of names) {
            const resourceId = byNumber.get(number)?.id;
            if (resourceId === undefined) continue;
            raw.push(
              seriesOf(resourceId, number, most, 'maximum', (values) =>
                values.reduce((sum, one) => sum + one, 0),
              ),
              // A period counts by the series that tells least of it.
              seriesOf(resourceId, number, counts, 'sample-count', (values) => Math.min(...values)),
            );
          }
        } catch (error) {
          missing.push(toldFault(`${names.length} of ${numbers.length} reservations are left out`, error));
        }
      }
      const created = new Map([...byNumber.values()].map((one) => [one.id, one.created]));
      return whole({ telemetry: toTelemetry(raw, window, created) }, missing, 'use of reservations', scope);
    },
  };
}

function seriesOf(
  resourceId: string,
  number: string,
  all: readonly GcpSeries[],
  statistic: 'maximum' | 'sample-count',
  together: (values: readonly number[]) => number,
): RawSeries {
  const own = all.filter(({ resource }) => resource['reservation_id'] === number);
  const times = [...new Set(own.flatMap(({ points }) => [...points.keys()]))];
  return {
    resourceId,
    metric: 'used-capacity',
    statistic,
    unit: 'count',
    device: null,
    source: 'Compute Engine reservation/used',
    points: times.map((at) => ({ at, value: together(own.flatMap(({ points }) => points.get(at) ?? [])) })),
  };
}
