import type { Entry } from '../journal.ts';
import type { Past } from './past.ts';

/** A rule of the design that did not hold. 0: what was begun came to no end, or a process died of a defect. */
export interface Break {
  readonly rule: 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;
  readonly seq: number;
  readonly text: string;
}

/** Looks at one entry with all that came before it. */
export type Rule = (entry: Entry, past: Past, no: (rule: Break['rule'], text: string) => void) => void;
