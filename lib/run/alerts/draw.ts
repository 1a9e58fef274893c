import { alertDrawing, stepAlert } from '../../ledger/alerts/decide.ts';
import type { Alert } from '../../ledger/alerts/model.ts';
import { changeAlert, readAlert } from '../../ledger/alerts/store.ts';
import type { LedgerStore } from '../../ledger/model.ts';
import { renderAlert } from '../../notices/messages/alert.ts';
import type { Messenger } from '../../notices/model.ts';

/** What drawing alerts works with; clicks and sweeps have it. */
export interface DrawParts {
  readonly ledger: Pick<LedgerStore, 'getDoc' | 'putDoc'>;
  readonly messenger: Pick<Messenger, 'update'>;
  /** Zone in which times are told. */
  readonly timezone: string;
}

/** Has a message of it another look than it should have? */
export function isStaleDrawing(alert: Alert): boolean {
  return alert.told.some(({ drawn }) => drawn !== alertDrawing(alert));
}

/**
 * Draws every message of an alert as it stands. What Slack does not take just now keeps its mark and is drawn by the
 * next sweep.
 * @returns whether all of them are drawn
 */
export async function drawAlert(parts: DrawParts, id: string, now: Date): Promise<boolean> {
  const alert = await readAlert(parts.ledger, id);
  if (alert === null) return true;
  const stage = alertDrawing(alert);
  let whole = true;
  for (const { channel, ts, role, drawn } of alert.told) {
    if (drawn === stage) continue;
    const done = await parts.messenger.update({ channel, ts }, renderAlert(alert, role, parts.timezone));
    // A message that is gone for certain is not tried for ever.
    if (!done.ok && !done.final) whole = false;
    else
      await changeAlert(parts.ledger, id, (found) =>
        stepAlert(found, { type: 'drawn', channel, ts, stage }, now, { actor: 'sweep', runId: '' }),
      );
  }
  return whole;
}
