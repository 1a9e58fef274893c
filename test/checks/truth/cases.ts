import { GPUS } from './gpus.ts';
import type { Case } from './model.ts';
import { THINGS } from './things.ts';
import { VECTORS } from './vectors.ts';

/** Every case of the written truth. */
export const CASES: readonly Case[] = [...GPUS, ...THINGS, ...VECTORS];
