import { Decimal } from '../../focus/decimal.ts';
import { durationMs } from '../duration.ts';
import type { Evidence } from '../model.ts';
import { type Context, type Told } from './context.ts';
import { NOTHING_SAVED } from './documents.ts';
import { modelOf, nameOf, repairOf } from './models.ts';
import { rebuildOf, rebuildWords } from './rebuild.ts';
import type { Seen } from './watch.ts';

/** An index of several models, or of one whose end is told. */
export function superseded(context: Context, index: Seen): Told[] {
  const mixed = mixture(index);
  const ending = endOf(context, index);
  if (mixed === null && ending === null) return [];
  // All of it must be made again by another model; of a mixture, what the most common model did not make.
  const vectors = ending !== null ? index.vectors : (mixed?.others ?? null);
  const successor = ending !== null ? ending.successor : (mixed?.model ?? null);
  const repair =
    vectors === null
      ? {
          evidence: [],
          blindSpots: [
            'How many vectors it holds is not known: what it costs to make them again is not either.',
          ],
        }
      : repairOf(new Decimal(vectors), index, successor, context.models);
  const advice = [...repair.evidence, ...(vectors === null ? [] : rebuildOf(context, index, vectors))];
  return [
    {
      kind: 'superseded-model',
      of: 'index',
      verdict: 'INEFFICIENT',
      confidence: 'high',
      cost: NOTHING_SAVED,
      evidence: [...(mixed?.evidence ?? []), ...(ending?.evidence ?? []), ...advice],
      blindSpots: ['A risk and no saving: it costs the same whatever model made it.', ...repair.blindSpots],
      reason: [
        ...(mixed === null
          ? []
          : ['Its vectors were made by several models, whose distances to one another mean nothing.']),
        ...(ending === null ? [] : [ending.reason]),
      ]
        .join(' ')
        .concat(rebuildWords(advice)),
    },
  ];
}

interface Mixture {
  /** The model of most of its vectors, and how many others made, in the whole index by their share of the compared. */
  readonly model: string;
  readonly others: number;
  readonly evidence: readonly Evidence[];
}

function mixture({ sample }: Seen): Mixture | null {
  if (sample === null) return null;
  const named = new Map<string, number>();
  for (const [name, count] of Object.entries(sample.models))
    if (name !== '' && count > 0) named.set(nameOf(name), (named.get(nameOf(name)) ?? 0) + count);
  const [most, ...others] = [...named].toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  if (most === undefined || others.length === 0) return null;
  const drawn = others.reduce((sum, [, count]) => sum + count, 0);
  return {
    model: most[0],
    others: Math.round((drawn / sample.size) * Math.max(sample.population, sample.size)),
    evidence: [most, ...others].map(([name, count]) => ({
      name: `vectors of ${name}`,
      value: String(count),
      unit: `of ${sample.size} that were compared`,
      window: '',
      source: 'metadata of the vectors',
    })),
  };
}

interface Ending {
  readonly reason: string;
  readonly successor: string | null;
  readonly evidence: readonly Evidence[];
}

/** What its provider says, and what the table or the config does: whichever ends it first. */
function endOf({ models, settings, now }: Context, index: Seen): Ending | null {
  const model = modelOf(index);
  if (model === null) return null;
  const known = models.of(model);
  const provider = index.modelLifecycle;
  const told = [
    ...(provider === null
      ? []
      : [
          {
            since: provider.legacySince,
            end: provider.endOfLife,
            legacy: provider.status === 'LEGACY',
            source: provider.source,
          },
        ]),
    ...(known === null
      ? []
      : [{ since: known.legacySince, end: known.endOfLife, legacy: false, source: known.source }]),
  ].filter(
    ({ since, end, legacy }) =>
      legacy ||
      (since !== null && Date.parse(since) <= now.getTime()) ||
      (end !== null && Date.parse(end) - durationMs(settings.ahead) <= now.getTime()),
  );
  const [first] = told.toSorted((a, b) => timeOf(a.end) - timeOf(b.end));
  if (first === undefined) return null;
  const end = first.end?.slice(0, 10) ?? null;
  const reason =
    end === null
      ? `Its model ${model} is legacy: its maker advises another.`
      : timeOf(end) <= now.getTime()
        ? `Its model ${model} ended on ${end}: no new text can be compared with what it made.`
        : `Its model ${model} ends on ${end}.`;
  return {
    reason,
    successor: known?.successor ?? null,
    evidence: [
      {
        name: 'end of its model',
        value: end ?? 'not told',
        unit: first.since === null ? '' : `legacy since ${first.since.slice(0, 10)}`,
        window: '',
        source: first.source,
      },
    ],
  };
}

function timeOf(day: string | null): number {
  return day === null ? Number.POSITIVE_INFINITY : Date.parse(day);
}
