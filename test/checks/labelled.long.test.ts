import { expect, it } from 'vitest';
import { judgedShapes } from './labelled.ts';

const MACHINES = 300;

it('stops nothing whose rest is no longer than a week, and finds what is dead', () => {
  for (const seed of [1, 2]) {
    const outcomes = judgedShapes(MACHINES, 168, seed);
    const wrong = outcomes.filter(({ dead, beyond, stopped }) => !dead && !beyond && stopped > 0);
    expect(wrong).toEqual([]);
    const missed = outcomes.filter(({ dead, stopped, machines }) => dead && stopped / machines < 0.95);
    expect(missed).toEqual([]);
    expect(outcomes.some(({ dead }) => dead)).toBe(true);
  }
});

it('would stop weekday work by a window of a day: the shapes can tell a wrong rule', () => {
  const outcomes = judgedShapes(50, 24, 1);
  expect(outcomes.find(({ shape }) => shape === 'weekday-only')?.stopped).toBeGreaterThan(25);
});
