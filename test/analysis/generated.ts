import type { Series } from '../../lib/analysis/series.ts';

const DAY = 86_400_000;

/** Numbers between 0 and 1 from a seed (mulberry32, public domain): the same for ever. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

export const START = '2025-01-01T00:00:00.000Z';

/** What was done to a series on purpose. */
export type Injected = 'spike' | 'step' | 'leak' | 'new' | 'opposing';
export const INJECTED: readonly Injected[] = ['spike', 'step', 'leak', 'new', 'opposing'];

export interface Case {
  readonly series: Series;
  readonly kind: Injected | null;
  /** Index of the first day, and of the last on which catching it counts. */
  readonly from: number;
  readonly until: number;
  /** What it added, or took off, in its first 30 days, without sign. */
  readonly dollars: number;
}

/**
 * Cost a day of one service, 400 days from 2025-01-01: a level from 7 to 1,100 a day, weekends cheaper by up to half,
 * growth of -0.1 to 0.3 % a day, noise of 1 to 11 % that lasts from day to day, in two of five series a level that
 * wanders by 1 % a day, and in three of ten a charge on the first of each month.
 * @param shifts does a level of two of five series change by a half or so, once, as deployments do?
 */
export function billDays(seed: number, shifts: boolean, days = 400): number[] {
  const random = randomOf(seed);
  const level = Math.exp(2 + 5 * random());
  const growth = [0, 0, 0.001, 0.003, -0.001][Math.floor(random() * 5)] ?? 0;
  const week = Array.from({ length: 7 }, (_, at) =>
    at > 4 ? 1 - 0.5 * random() : 1 + 0.05 * normal(random),
  );
  const noise = 0.01 + 0.1 * random();
  const wander = random() < 0.4 ? 0.01 : 0;
  const shiftAt = random() < 0.4 ? Math.floor(100 + random() * 250) : -1;
  const monthly = random() < 0.3 ? level * (1 + 3 * random()) : 0;
  let [lasting, now] = [0, level];
  return Array.from({ length: days }, (_, at) => {
    if (shifts && at === shiftAt) now *= random() < 0.5 ? 1.5 : 0.6;
    now *= 1 + growth + wander * normal(random);
    lasting = 0.5 * lasting + noise * normal(random);
    const first = new Date(Date.parse(START) + at * DAY).getUTCDate() === 1;
    return now * (week[(at + 2) % 7] ?? 1) * Math.exp(lasting) + (first ? monthly : 0);
  });
}

/** One series with one thing done to it; of opposing moves the two that would cancel out in their sum. */
export function caseOf(seed: number, kind: Injected | null): Case[] {
  const random = randomOf(seed + 9000);
  const days = billDays(seed, false);
  const from = 120 + Math.floor(random() * 230);
  const before = days.slice(from - 28, from);
  const mean = before.reduce((sum, day) => sum + day, 0) / before.length;
  if (kind === null) return [{ series: seriesOf(days), kind, from, until: from, dollars: 0 }];
  const size = 0.5 + 1.5 * random();
  const lasts = kind === 'spike' ? 1 + Math.floor(2 * random()) : 400;
  const added = (at: number) => {
    if (at < from || at >= from + lasts) return 0;
    if (kind === 'leak') return 0.01 * mean * Math.min(at - from + 1, 60);
    return (kind === 'spike' ? size : 0.25 + size / 4) * mean;
  };
  const until = from + (kind === 'spike' ? lasts - 1 : kind === 'leak' ? 59 : 29);
  const dollars = Array.from({ length: 30 }, (_, at) =>
    kind === 'new' ? (days[from + at] ?? 0) : added(from + at),
  );
  const base = { kind, from, until, dollars: dollars.reduce((sum, each) => sum + each, 0) };
  const up = days.map((day, at) => (kind === 'new' ? (at < from ? 0 : day) : day + added(at)));
  if (kind !== 'opposing') return [{ ...base, series: seriesOf(up) }];
  const other = billDays(seed + 500_000, false);
  const rest = other.slice(from - 28, from).reduce((sum, day) => sum + day, 0) / 28;
  const down = other.map((day, at) => Math.max(0, day - (added(at) / mean) * rest));
  return [
    { ...base, series: seriesOf(up) },
    { ...base, series: seriesOf(down) },
  ];
}

function seriesOf(values: readonly number[]): Series {
  return { start: START, step: DAY, values };
}

/** Ways in which charges come seldom, or vary by powers of ten, with nothing wrong: cost of a day. */
const RESTLESS = {
  'a charge on one day in twenty': (random: () => number) => (random() < 0.05 ? amount(random, 0.5) : 0),
  'a charge on one day in seven': (random: () => number) => (random() < 0.15 ? amount(random, 0.5) : 0),
  'a charge on one day in three, of any size': (random: () => number) =>
    random() < 0.3 ? amount(random, 1.2) : 0,
  'log-normal, sigma 1': (random: () => number) => amount(random, 1),
  'log-normal, sigma 1.5': (random: () => number) => amount(random, 1.5),
  'bursts on one day in ten': (random: () => number) =>
    100 + normal(random) + (random() < 0.1 ? 50 * (1 - random()) ** (-1 / 1.5) : 0),
  "Student's t, 2 degrees of freedom": (random: () => number) =>
    Math.max(0, 100 + (5 * normal(random)) / Math.sqrt((normal(random) ** 2 + normal(random) ** 2) / 2)),
} as const;
export type Restless = keyof typeof RESTLESS;
export const RESTLESS_KINDS: readonly Restless[] = [
  'a charge on one day in twenty',
  'a charge on one day in seven',
  'a charge on one day in three, of any size',
  'log-normal, sigma 1',
  'log-normal, sigma 1.5',
  'bursts on one day in ten',
  "Student's t, 2 degrees of freedom",
];

function amount(random: () => number, sigma: number): number {
  return 100 * Math.exp(sigma * normal(random));
}

/** 400 days, every one drawn anew. */
export function restlessDays(seed: number, kind: Restless): Series {
  const random = randomOf(seed);
  return seriesOf(Array.from({ length: 400 }, () => RESTLESS[kind](random)));
}
