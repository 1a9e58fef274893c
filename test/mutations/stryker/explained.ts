import { LEDGER } from './explained/ledger.ts';
import type { Lines } from './explained/lines.ts';
import { RESPOND } from './explained/respond.ts';
import { SWEEP } from './explained/sweep.ts';
import type { Mutant } from './report.ts';

/** Why it does no harm that no test notices a mutant: it is told in docs/mutation-testing.md as it stands here. */
export interface Explained extends Pick<Mutant, 'file' | 'within' | 'from' | 'to'> {
  readonly why: string;
}

const BY_FILE: Lines = { ...LEDGER, ...SWEEP, ...RESPOND };

export const EXPLAINED: readonly Explained[] = Object.entries(BY_FILE).flatMap(([file, lines]) =>
  lines.map(([within, from, to, why]) => ({ file, within, from, to, why })),
);

function keyOf({ file, within, from, to }: Pick<Mutant, 'file' | 'within' | 'from' | 'to'>): string {
  return JSON.stringify([file, within, from, to]);
}

const byKey = new Map(EXPLAINED.map((each) => [keyOf(each), each]));

export function explanationOf(mutant: Mutant): string | null {
  return byKey.get(keyOf(mutant))?.why ?? null;
}

/** Explanations of what is noticed by now, or is not there any more: the list has to follow the code. */
export function idle(survivors: readonly Mutant[], files: ReadonlySet<string>): readonly Explained[] {
  const needed = new Set(survivors.map(keyOf));
  return EXPLAINED.filter((each) => files.has(each.file) && !needed.has(keyOf(each)));
}
