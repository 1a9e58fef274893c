import type { SketchEntry, VectorSample } from '../../estate/model.ts';
import { Decimal } from '../../focus/decimal.ts';
import { timesMoney } from '../../focus/money.ts';
import { durationMs } from '../duration.ts';
import { countRange } from './confidence.ts';
import type { Context, Told } from './context.ts';
import { NOTHING_SAVED } from './documents.ts';
import { modelOf, repairOf } from './models.ts';
import type { Watch } from './watch.ts';

const DAY = 86_400_000;

/** Content that did not change and was embedded again, by what two kept snapshots show of the same vectors. */
export function churn(context: Context, watch: Watch): Told[] {
  const { index, kept } = watch;
  const since = Date.parse(index.at) - durationMs(context.settings.window);
  const looks = kept.filter(({ at, sample }) => Date.parse(at) >= since && sample !== null);
  const first = looks[0];
  let again = 0;
  let least = 0;
  let compared = 0;
  let exact = true;
  for (const [at, after] of looks.entries()) {
    const before = looks[at - 1];
    if (at === 0 || before?.sample == null || after.sample === null) continue;
    // Another model must make everything again: that is a migration.
    if (modelOf(before) !== modelOf(after) || before.dimension !== after.dimension) continue;
    const { looked, again: hits } = madeAgain(before.sample, after.sample);
    const population = Math.max(after.sample.population, after.sample.size);
    const range = countRange(population, looked, hits);
    if (looked < population) exact = false;
    if (looked > 0) again += range.likeliest;
    if (looked > 0) least += range.least;
    compared = Math.max(compared, looked);
  }
  const population = Math.max(index.sample?.population ?? 0, index.sample?.size ?? 0);
  if (first === undefined || again === 0 || again * 100 < context.settings.minShare * population) return [];
  const repair = repairOf(new Decimal(again), index, modelOf(index), context.models);
  const days = (Date.parse(index.at) - Date.parse(first.at)) / DAY;
  const window = `${first.at}/${index.at}`;
  return [
    {
      kind: 'churn',
      of: 'index',
      verdict: 'INEFFICIENT',
      confidence: exact ? 'high' : 'medium',
      cost:
        repair.cost === null
          ? NOTHING_SAVED
          : {
              costBasis: 'list-estimate',
              monthlyCost: timesMoney(repair.cost, new Decimal(30).div(days)),
              monthlySaving: null,
              evidence: [],
              blindSpots: [
                'Embedding is billed by whoever runs the model: at list price, and how far that bill falls is not told.',
              ],
            },
      evidence: [
        {
          name: 'vectors embedded again without change',
          value: String(again),
          unit: exact
            ? `of ${population} vectors, counted in ${looks.length} looks`
            : `of ${population} vectors, estimated from ${compared} in each of ${looks.length} looks: at least ${least} at 95%`,
          window,
          source: 'hashes of content and times of embedding in kept snapshots',
        },
        ...repair.evidence.map((line) => (line.window === 'once' ? { ...line, window } : line)),
      ],
      blindSpots: ['Vectors that were made again twice between two looks count once.', ...repair.blindSpots],
      reason: `${exact ? '' : 'About '}${again} times a vector was embedded again though its content had not changed.`,
    },
  ];
}

/** Of the vectors that both looks show, those with the same content and a later embedding. */
function madeAgain(before: VectorSample, after: VectorSample): { looked: number; again: number } {
  const known = new Map(before.sketch.map((entry): [string, SketchEntry] => [entry.key, entry]));
  let looked = 0;
  let again = 0;
  for (const { key, content, embedded } of after.sketch) {
    const was = known.get(key);
    if (was?.content == null || was.embedded === null || content === null || embedded === null) continue;
    looked += 1;
    if (content === was.content && embedded > was.embedded) again += 1;
  }
  return { looked, again };
}
