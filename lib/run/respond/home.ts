import type { Person } from '../../ledger/life.ts';
import { homeView } from '../../notices/messages/home.ts';
import { inOrder, mineOf } from './mine.ts';
import { EMPTY, type Ended, type RespondParts } from './model.ts';
import { readSwitch } from './switch.ts';

/** The Home tab with what is this person's; `said` stands on top of it. */
export async function showHome(parts: RespondParts, person: Person, now: Date, said = ''): Promise<Ended> {
  const [mine, { paused }] = await Promise.all([mineOf(parts.ledger, person), readSwitch(parts.ledger)]);
  const view = homeView(inOrder(mine), { paused, said, at: now.toISOString(), timezone: parts.timezone });
  const shown = await parts.answerer.publishHome(person.user, view);
  return { answer: EMPTY, outcome: shown.ok ? 'shown' : `not shown: ${shown.reason}` };
}
