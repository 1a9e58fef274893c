import type { Recipe } from './smoother.ts';

const SLOW = [0.05, 0.15, 0.4];

/**
 * The smoothers that are asked: without season from nearly still to the last value itself, and with each season,
 * with and without a slope, in amounts and in shares. Which of them is listened to is decided by how each did on
 * the series itself.
 */
export function recipesOf(seasons: number, isDaily: boolean): Recipe[] {
  const plain = { gamma: 0, season: null, log: false };
  const recipes: Recipe[] = [...SLOW, 1].map((alpha) => ({ ...plain, alpha, beta: 0 }));
  recipes.push({ ...plain, alpha: 0.2, beta: 0.02 });
  for (let season = 0; season < seasons; season++)
    for (const alpha of SLOW) {
      recipes.push({ alpha, beta: 0, gamma: 0.15, season, log: false });
      if (isDaily) {
        recipes.push({ alpha, beta: alpha / 10, gamma: 0.15, season, log: false });
        recipes.push({ alpha, beta: alpha / 10, gamma: 0.15, season, log: true });
        recipes.push({ alpha, beta: 0, gamma: 0.15, season, log: true });
      }
    }
  return recipes;
}
