import type { Lines } from './lines.ts';

export const SWEEP: Lines = {};
