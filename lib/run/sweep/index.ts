import pLimit from 'p-limit';
import { agenda, type Task } from '../../ledger/decide/index.ts';
import type { FindingRecord } from '../../ledger/model.ts';
import type { Messenger } from '../../notices/model.ts';
import { drawAgain, noteUntold, tellUntold, untold } from '../respond/effects.ts';
import { said } from '../respond/say.ts';
import { tellAlerts, watch } from './alerts.ts';
import { guarded, inTime, type Living, living, move, remember, type Sweep, say } from './context.ts';
import { actionOf } from './evaluate.ts';
import type { SweepMode, SweepParts, SweepReport } from './model.ts';
import { remind } from './remind.ts';
import { reread } from './reread.ts';
import { finishStop, stopDue } from './stop.ts';
import { tellPending } from './tell.ts';
import { undo } from './undo.ts';

/** More than this many due at once are left to the next sweep. */
const MOST_DUE = 50_000;
/** A finding that keeps moving when woken is left to the next sweep. */
const MOST_WAKES = 6;

/**
 * Looks for what is due and does it. In this order: what people want back, what a former process left behind,
 * what moves by time alone, telling people, reminding them, and last what is to be stopped. Two sweeps at once
 * and a crash at any point are allowed: each piece is claimed, and written down before it is done.
 */
export async function sweep(parts: SweepParts, mode: SweepMode): Promise<SweepReport> {
  const run: Sweep = { parts, mode, lines: [], faults: [], redraw: new Set(), pages: [] };
  const now = parts.clock();
  if (mode !== 'dry-run') await catchUp(run);
  const due = await dueNow(parts, now);
  const by = (task: Task) => due.filter((each) => agenda(each, now, parts.settings.rules) === task);
  const limit = pLimit(parts.settings.concurrency);
  const each = async (task: Task, work: (record: Living) => Promise<void>) => {
    const records = by(task);
    await remember(run, records);
    await Promise.all(records.map((record) => limit(() => guarded(run, record, work))));
    await follow(run);
  };
  parts.progress.step('bringing back');
  await each('undo', (record) => undo(run, record));
  await each('finish-undo', (record) => undo(run, record));
  parts.progress.step('finishing what was begun');
  await each('finish-stop', (record) => finishStop(run, record));
  const pending = by('tell');
  await each('wake', async (record) => {
    const woken = await wake(run, record);
    if (woken !== null && agenda(woken, parts.clock(), parts.settings.rules) === 'tell') pending.push(woken);
  });
  await each('reread', async (record) => {
    const readable = await reread(run, record);
    if (readable !== null) pending.push(readable);
  });
  parts.progress.step('telling people');
  await tellPending(run, pending);
  await follow(run);
  await remind(run, [...by('reminder'), ...by('last-call')]);
  await watch(run);
  await tellAlerts(run);
  parts.progress.step('checking what is due');
  const checks = by('check');
  if (mode !== 'warn') await stopDue(run, checks);
  else for (const record of checks) say(run, record, 'skipped', 'due; this sweep stops nothing');
  await follow(run);
  return {
    schemaVersion: 1,
    runId: parts.runId,
    now: now.toISOString(),
    mode,
    lines: run.lines,
    faults: run.faults,
  };
}

async function dueNow({ ledger }: SweepParts, now: Date): Promise<Living[]> {
  const ids = await ledger.due(now.toISOString(), MOST_DUE);
  const records: FindingRecord[] = await ledger.getMany(ids);
  return records.flatMap((record) => living(record) ?? []);
}

/** Time alone moves it, perhaps more than once. */
async function wake(run: Sweep, record: Living): Promise<Living | null> {
  if (run.mode === 'dry-run') {
    say(run, record, 'skipped', 'its time has come; a dry run moves nothing');
    return null;
  }
  const reversible = actionOf(run, record.finding)?.reversible ?? false;
  let current = record;
  for (let turn = 0; turn < MOST_WAKES; turn += 1) {
    if (agenda(current, run.parts.clock(), run.parts.settings.rules) !== 'wake') break;
    const moved = await move(run, current, { type: 'woken', reversible });
    if (moved === null) return null;
    say(run, record, 'moved', moved.decision.reason);
    if (!moved.decision.taken) break;
    current = moved.record;
  }
  return current;
}

/** Draws notices again whose findings moved, and tells the channel what it must know. */
async function follow(run: Sweep): Promise<void> {
  const { messenger, settings, ledger } = run.parts;
  const notices = [...run.redraw];
  const pages = run.pages.splice(0);
  run.redraw.clear();
  if (messenger === null || run.mode === 'dry-run') return;
  await noteUntold(ledger, notices, true);
  await draw(run, messenger, notices);
  for (const { id, text } of pages) {
    if (settings.channel === null) {
      run.faults.push(`no channel to page: ${text}`);
      continue;
    }
    const sent = await messenger.deliver(id, { channel: settings.channel }, said(text));
    if (!sent.ok) run.faults.push(`${settings.channel} not paged (${sent.reason}): ${text}`);
  }
}

/** Draws notices as they stand, as many as there is time for; the rest stays noted for the next sweep. */
async function draw(run: Sweep, messenger: Messenger, notices: readonly string[]): Promise<void> {
  const { ledger, settings } = run.parts;
  const tell = { ledger, messenger, approvers: settings.approvers };
  const limit = pLimit(settings.concurrency);
  const drawn = await Promise.all(
    notices.map((id) =>
      limit(async () => {
        if (!inTime(run)) return [];
        if ((await drawAgain(tell, id)) !== 'failed') return [id];
        run.faults.push(`notice ${id} could not be drawn again: it is tried again`);
        return [];
      }),
    ),
  );
  await noteUntold(ledger, drawn.flat(), false);
}

/** What former processes could not tell any more. */
async function catchUp(run: Sweep): Promise<void> {
  const { ledger, messenger, clock, settings } = run.parts;
  if (messenger === null) return;
  await draw(run, messenger, (await untold(ledger)).redraw);
  if (!inTime(run)) return;
  const left = await tellUntold({ ledger, messenger, approvers: settings.approvers }, clock());
  for (const id of left.ask) run.faults.push(`${id}: no approver could be asked: it is tried again`);
}
