import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { STATES } from '../../../lib/ledger/schema.ts';
import { ANSWERED, agendas, answersOf, stepsOf } from './answers.ts';

const KEPT = readFileSync(join(import.meta.dirname, 'answers.txt'), 'utf8');
/** By state, as answersOf gives them. */
const kept = new Map(
  KEPT.trimEnd()
    .split(/\n(?=## )/)
    .map((part) => part.split('\n'))
    .map((lines) => [(lines[0] ?? '').slice(3), lines]),
);

/**
 * `node test/ledger/decide/write-answers.ts` writes the file anew. Every line of the difference is a change of what
 * is done to somebody's resource or said to them: it is read before it is kept.
 */
describe('every answer of decide() is the one that was read and kept', () => {
  it.each(ANSWERED)('in state %s', (state) => {
    expect(answersOf(state)).toEqual(kept.get(state ?? 'never seen'));
  });

  it.each(ANSWERED)('and what is written of it, in state %s', (state) => {
    expect(stepsOf(state)).toEqual(kept.get(`step of ${state ?? 'never seen'}`));
  });

  it('and what is to be done when its time has come', () => {
    expect(agendas()).toEqual(kept.get('agenda'));
    expect(kept.size).toBe(2 * (STATES.length + 1) + 1);
  });
});
