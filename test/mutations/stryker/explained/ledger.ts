import type { Lines } from './lines.ts';

export const LEDGER: Lines = {};
