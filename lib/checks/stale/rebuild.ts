import { Decimal } from '../../focus/decimal.ts';
import type { Evidence } from '../model.ts';
import type { Context } from './context.ts';
import { COST_TO_EMBED } from './models.ts';
import { queriesOf, type Seen } from './watch.ts';

const BATCHES = 'batches to rebuild';
const PLACE = 'place in the order of rebuilding';

/** The same advice in a sentence, with its price where that is known: what every message has room for. */
export function rebuildWords(evidence: readonly Evidence[]): string {
  const of = (wanted: string) => evidence.find(({ name }) => name === wanted);
  const [batches, cost, place] = [of(BATCHES), of(COST_TO_EMBED), of(PLACE)];
  if (batches === undefined) return '';
  const calls = batches.value === '1' ? 'one call' : `${batches.value} calls`;
  const price = cost === undefined ? ', at a price that is not known' : ` and ${cost.value} ${cost.unit}`;
  const order = place === undefined ? '' : `; by its queries it is number ${place.value} to rebuild`;
  return ` To make these vectors again takes ${calls}${price}${order}.`;
}

/** Advice for making vectors again: in how many calls, and how much of all that is asked hangs on this index. */
export function rebuildOf({ settings, watches }: Context, index: Seen, vectors: number): Evidence[] {
  return [
    {
      name: BATCHES,
      value: String(Math.ceil(vectors / settings.batchSize)),
      unit: `calls of ${settings.batchSize} vectors`,
      window: '',
      source: 'checks.stale-embeddings.batchSize',
    },
    ...shareOfQueries(watches, index, settings.window),
  ];
}

/** Its place among all indexes by the queries of the window: what is asked most is made again first. */
function shareOfQueries(watches: Context['watches'], index: Seen, window: string): Evidence[] {
  const counts = watches.map((watch) => ({ id: watch.index.id, queries: queriesOf(watch) }));
  const own = counts.find(({ id }) => id === index.id)?.queries ?? null;
  const total = counts.reduce((sum, { queries }) => sum + (queries ?? 0), 0);
  if (own === null || total === 0) return [];
  const before = counts.filter(({ queries }) => queries !== null && queries > own).length;
  const share = new Decimal(own).times(100).div(total).toDecimalPlaces(1).toFixed();
  const unknown = counts.filter(({ queries }) => queries === null).length;
  return [
    {
      name: PLACE,
      value: String(before + 1),
      unit: `by queries: ${own} of ${total}, ${share}%${unknown === 0 ? '' : `; of ${unknown} indexes they are not known`}`,
      window: '',
      source: `counters of the stores within ${window}`,
    },
  ];
}
