import type { Anomaly } from './model.ts';

const DAY = 86_400_000;
/** Days that the same thing may seem to begin apart at two levels. */
const APART = 3;
/** Share of a coarser anomaly that finer ones have to make up to explain it. */
const EXPLAINED = 0.5;

/** An anomaly of one series, by what the series is of. */
export interface Placed {
  /** Values by axis: `{ service: 'Amazon EC2', account: '111122223333' }`. */
  readonly key: Readonly<Record<string, string>>;
  readonly source: string;
  readonly currency: string;
  readonly anomaly: Anomaly;
}

/** One thing that happened, told at the finest level that shows it. */
export interface Merged extends Placed {
  /** Coarser series, or others of the same money, that show the same. */
  readonly alsoSeen: readonly Readonly<Record<string, string>>[];
}

/**
 * Tells each thing once. A coarser series whose anomaly is made up by finer ones, of the same side and begun within
 * three days, adds nothing; one that no finer series explains is told itself: then it is spread over many.
 * Opposing moves stay apart, since each finer series is judged by itself.
 * @param levels by level, the finest first
 */
export function mergeLevels(levels: readonly (readonly Placed[])[]): Merged[] {
  const kept: (Placed & { alsoSeen: Readonly<Record<string, string>>[] })[] = [];
  for (const level of levels) {
    const found: typeof kept = [];
    for (const placed of level) {
      const near = kept.filter((finer) => isPart(finer, placed));
      const parts = near.filter(
        ({ anomaly }) => Math.sign(offBy(anomaly)) === Math.sign(offBy(placed.anomaly)),
      );
      const sum = parts.reduce((all, { anomaly }) => all + Math.abs(offBy(anomaly)), 0);
      const isExplained = parts.length > 0 && sum >= EXPLAINED * Math.abs(offBy(placed.anomaly));
      if (isExplained) for (const part of parts) part.alsoSeen.push(placed.key);
      // Beside a finer one that moved the other way, a coarser one is what that left behind.
      else if (near.length === parts.length) found.push({ ...placed, alsoSeen: [] });
    }
    kept.push(...found);
  }
  return kept;
}

/** What an anomaly is off by in sum, in the unit of its series. */
export function offBy({ actual, expected }: Anomaly): number {
  return actual - expected;
}

/** Is the one a part of the other, at about the same time? */
function isPart(finer: Placed, coarser: Placed): boolean {
  if (finer.source !== coarser.source || finer.currency !== coarser.currency) return false;
  const shared = Object.entries(coarser.key).filter(([axis]) => Object.hasOwn(finer.key, axis));
  if (!shared.every(([axis, value]) => finer.key[axis] === value)) return false;
  // Of other axes, as a model beside a service, it is the same money only where it is about as much.
  const ratio = Math.abs(offBy(finer.anomaly) / offBy(coarser.anomaly));
  const isOther = shared.length < Object.keys(coarser.key).length;
  if (isOther && (ratio < EXPLAINED || ratio > 1 / EXPLAINED)) return false;
  return begins(finer.anomaly, coarser.anomaly) && begins(coarser.anomaly, finer.anomaly);
}

function begins(from: Anomaly, to: Anomaly): boolean {
  return Date.parse(from.first) <= Date.parse(to.last) + APART * DAY;
}
