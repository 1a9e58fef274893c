import { agenda } from '../../ledger/decide/index.ts';
import { renderReminder } from '../../notices/messages/notice.ts';
import { readNotice } from '../../notices/notice.ts';
import { linesOf } from '../respond/effects.ts';
import { claiming, inTime, keep, type Living, living, type Sweep, say } from './context.ts';

/** Speaks in the thread of notices whose items nobody has answered: once half-way, once shortly before the end. */
export async function remind(sweep: Sweep, waiting: readonly Living[]): Promise<void> {
  const groups = new Map<string, Living[]>();
  for (const each of waiting) {
    const { notice } = each.life;
    if (notice !== null) groups.set(notice.id, [...(groups.get(notice.id) ?? []), each]);
  }
  for (const [id, records] of [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (!inTime(sweep)) return;
    if (sweep.mode === 'dry-run') for (const each of records) say(sweep, each, 'would remind', id);
    else await claiming(sweep, `reminding/${id}`, () => remindOne(sweep, id, records));
  }
}

async function remindOne(sweep: Sweep, id: string, records: readonly Living[]): Promise<void> {
  const { ledger, messenger, clock, settings } = sweep.parts;
  const notice = await readNotice(ledger, id);
  if (messenger === null || notice === null || notice.place === null) return;
  const read = await ledger.getMany(records.map(({ finding }) => finding.id));
  const current = read.map(living).filter((each) => each !== null && each.life.notice?.id === id);
  for (const kind of ['last-call', 'reminder'] as const) {
    const open = current.filter((each) => each !== null && agenda(each, clock(), settings.rules) === kind);
    const ids = open.flatMap((each) => (each === null ? [] : [each.finding.id]));
    if (ids.length === 0) continue;
    const lines = (await linesOf(ledger, notice)).filter(
      (line) => line !== null && ids.includes(line.finding.id),
    );
    const said = await messenger.reply(
      `${id}/${kind}/${ids.toSorted().join('/')}`,
      notice.place,
      renderReminder(
        notice,
        lines.filter((line) => line !== null),
        kind,
      ),
    );
    if (!said.ok) {
      sweep.faults.push(`${id}: ${kind} not said: ${said.reason}`);
      // Where the thread takes nothing any more, it is not tried for ever: the date was told in the notice.
      if (!said.final) continue;
    }
    for (const each of open) {
      if (each === null) continue;
      const moved = await keep(sweep, each.finding.id, { type: 'reminded', kind });
      if (moved?.decision.taken) say(sweep, each, 'reminded', kind);
    }
  }
}
