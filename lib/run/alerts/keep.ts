import { stepAlert } from '../../ledger/alerts/decide.ts';
import type { AlertEvent } from '../../ledger/alerts/model.ts';
import { changeAlert } from '../../ledger/alerts/store.ts';
import { BursarError } from '../../platform/errors.ts';
import type { Auditor } from '../auditor.ts';

/** What an audit sees of an alert. What another version keeps, or others keep changing, is told and left as it is. */
export async function keepSeen(
  { ledger, progress }: Pick<Auditor, 'ledger' | 'progress'>,
  id: string,
  event: AlertEvent,
  runId: string,
  now: Date,
): Promise<void> {
  try {
    await changeAlert(ledger, id, (alert) => stepAlert(alert, event, now, { actor: 'audit', runId }));
  } catch (error) {
    if (!(error instanceof BursarError) || error.code !== 'conflict') throw error;
    progress.warn(`alert ${id}: ${error.told}`);
  }
}
