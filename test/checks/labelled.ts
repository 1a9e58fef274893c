import { defaultCheckSettings, judgeAll } from '../../lib/checks/index.ts';
import { seeded } from '../../lib/demo/random.ts';
import type { Resource, Telemetry } from '../../lib/estate/model.ts';
import { arn, END, facts, HOUR, machine, NOW } from './facts.ts';

/** Weeks that are made: what is true of a machine hangs on more than the window that a rule sees. */
const WEEKS = 6;
const HOURS = 168;

/** Is this machine of use to anyone? Only the dead one may be stopped. */
interface Shape {
  readonly dead: boolean;
  /** Does it rest for longer than the rule looks back? Then no rule of that window can know. */
  readonly beyond?: true;
  /** Highest compute use of an hour, percent, by its number since the beginning. */
  readonly use: (random: () => number) => (hour: number) => number;
  /** Memory in use, percent. */
  readonly memory: number;
  /** Share of the sixty samples of an hour that come. */
  readonly samples?: number;
  /** Share of the hours of which any come. */
  readonly hours?: number;
}

const rest = (random: () => number) => Math.round(random() * 30) / 10;
const work = (random: () => number) => 20 + random() * 80;

/**
 * Shapes of use. Bursts follow a Poisson process whose rate is drawn for each machine; a batch runs for some hours of
 * most nights; weekday work rests from Friday evening to Monday morning; a rare batch rests for 8 to 30 days.
 */
export const SHAPES: Readonly<Record<string, Shape>> = {
  'bursty inference': {
    dead: false,
    memory: 60,
    use: (random) => {
      const perHour = 10 ** (random() * 3 - 1.6);
      return () => (random() < 1 - Math.exp(-perHour) ? work(random) : rest(random));
    },
  },
  'bursty, model unloaded between requests': {
    dead: false,
    memory: 2,
    use: (random) => {
      const perHour = 10 ** (random() * 2.5 - 1.2);
      return () => (random() < 1 - Math.exp(-perHour) ? work(random) : rest(random));
    },
  },
  'nightly batch': {
    dead: false,
    memory: 2,
    use: (random) => {
      const start = Math.floor(random() * 20);
      const hours = 1 + Math.floor(random() * 4);
      const skipped = new Set(
        Array.from({ length: WEEKS * 7 }, (_, day) => day).filter(() => random() < 0.1),
      );
      return (hour) => {
        const at = hour % 24;
        const runs = at >= start && at < start + hours && !skipped.has(Math.floor(hour / 24));
        return runs ? work(random) : rest(random);
      };
    },
  },
  'weekday-only': {
    dead: false,
    memory: 2,
    use: (random) => (hour) => {
      const day = Math.floor(hour / 24) % 7;
      const office = hour % 24 >= 8 && hour % 24 < 18;
      return day < 5 && office && random() < 0.5 ? work(random) : rest(random);
    },
  },
  'weekly batch': {
    dead: false,
    memory: 2,
    use: (random) => {
      const start = Math.floor(random() * HOURS);
      return (hour) => ((hour - start + HOURS) % HOURS < 3 ? work(random) : rest(random));
    },
  },
  'loaded but idle': { dead: false, memory: 70, use: (random) => () => rest(random) },
  'rare batch': {
    dead: false,
    beyond: true,
    memory: 2,
    use: (random) => {
      const every = 24 * (8 + Math.floor(random() * 22));
      const start = Math.floor(random() * every);
      return (hour) => ((hour - start + every * 10) % every < 6 ? work(random) : rest(random));
    },
  },
  dead: { dead: true, memory: 1, use: (random) => () => rest(random) },
  'dead, a twentieth of the samples lost': {
    dead: true,
    memory: 1,
    samples: 0.95,
    use: (random) => () => rest(random),
  },
  'busy for an hour a week, a twentieth of the hours lost': {
    dead: false,
    memory: 1,
    hours: 0.95,
    use: (random) => {
      const start = Math.floor(random() * HOURS);
      return (hour) => (hour % HOURS === start ? work(random) : rest(random));
    },
  },
  'busy, half of the hours lost': {
    dead: false,
    memory: 40,
    hours: 0.5,
    use: (random) => () => (random() < 0.02 ? work(random) : rest(random)),
  },
};

export interface Outcome {
  readonly shape: string;
  readonly dead: boolean;
  readonly beyond: boolean;
  readonly machines: number;
  /** How many the rule would let stop. */
  readonly stopped: number;
}

/** How the idle rule judges so many machines of every shape, by a window of hours and a seed. */
export function judgedShapes(machines: number, window: number, seed: number): Outcome[] {
  const random = seeded(seed);
  return Object.entries(SHAPES).map(([shape, { dead, beyond, use, ...how }], at) => {
    const estate = Array.from({ length: machines }, (_, index) => {
      const id = arn(`i-${(at * machines + index).toString(16).padStart(17, '0')}`);
      return { id, series: seriesOf(id, use(random), how, window, random) };
    });
    const all = facts({
      resources: estate.map(({ id }): Resource => machine({ id, accelerators: [DEVICE] })),
      telemetry: estate.flatMap(({ series }) => series),
    });
    const settings = { 'idle-gpu': { ...defaultCheckSettings()['idle-gpu'], window: `${window}h` } };
    const stopped = judgeAll(all, settings, NOW).judgements.filter(
      ({ verdict }) => verdict === 'IDLE',
    ).length;
    return { shape, dead, beyond: beyond === true, machines, stopped };
  });
}

const DEVICE = { kind: 'NVIDIA T4', count: 1, memoryMiB: 16_384 };

/** Power follows use, as it does on a card; an hour that is lost is lost for all metrics. */
function seriesOf(
  id: string,
  use: (hour: number) => number,
  { memory, samples = 1, hours: share = 1 }: Pick<Shape, 'memory' | 'samples' | 'hours'>,
  window: number,
  random: () => number,
): Telemetry[] {
  const last = WEEKS * HOURS;
  const hours = Array.from({ length: last }, (_, hour) => ({ hour, value: use(hour) }))
    .slice(-window)
    .filter(() => random() < share)
    .map((each) => ({ ...each, count: samplesOf(samples, random) }));
  const series = (
    metric: Telemetry['metric'],
    unit: string,
    of: (value: number, count: number) => number,
    statistic: Telemetry['statistic'] = 'maximum',
  ): Telemetry => ({
    resourceId: id,
    metric,
    statistic,
    unit,
    device: '0',
    period: 3600,
    points: hours.map(({ hour, value, count }) => ({
      at: new Date(END - (last - hour) * HOUR).toISOString(),
      value: of(value, count),
    })),
    expectedPoints: window,
    source: `CWAgent ${metric}`,
  });
  return [
    series('gpu-utilization', 'percent', (value) => value),
    series('gpu-utilization', 'count', (_, count) => count, 'sample-count'),
    series('gpu-memory-used', 'MiB', () => (DEVICE.memoryMiB * memory) / 100),
    series('gpu-power', 'percent-of-limit', (value) => 10 + value * 0.8),
  ];
}

/** How many of the sixty samples of an hour come, where each does with this probability. */
function samplesOf(share: number, random: () => number): number {
  return share === 1 ? 60 : Array.from({ length: 60 }, random).filter((drawn) => drawn < share).length;
}
