import type { Scope } from '../estate/model.ts';
import { scopeName } from '../estate/model.ts';
import type { IngestReport } from '../lake/model.ts';
import type { Coverage } from '../platform/coverage.ts';
import { BursarError, type ErrorCode } from '../platform/errors.ts';
import type { OwnCost } from './model.ts';

/** One thing to collect: a bill, or one scope of the estate. Also the body of a queue message. */
export type Task =
  | { readonly schemaVersion: 1; readonly runId: string; readonly kind: 'bill'; readonly sourceId: string }
  | { readonly schemaVersion: 1; readonly runId: string; readonly kind: 'estate'; readonly scope: Scope };

/** What collecting one task gave; kept in the ledger, so that an audit elsewhere knows what was covered. */
export interface TaskReport {
  readonly schemaVersion: 1;
  readonly task: Task;
  readonly finishedAt: string;
  readonly coverage: readonly Coverage[];
  readonly ownCost: OwnCost;
  readonly ingest: IngestReport | null;
  /** The error that made it fail, for the caller who named the task by hand; null where it did not. */
  readonly failure: { readonly code: ErrorCode; readonly told: string } | null;
}

/** Key of a task in the ledger's documents: the same for the same bill or scope in every run. */
export function taskKey(task: Task): string {
  return task.kind === 'bill' ? `bill:${task.sourceId}` : scopeName(task.scope);
}

/** Reads a queue message; refuses what this version does not know instead of guessing. */
export function parseTask(body: string): Task {
  const value: unknown = parseJson(body);
  if (typeof value === 'object' && value !== null && 'schemaVersion' in value) {
    if (value.schemaVersion !== 1)
      throw new BursarError(
        'input',
        `a message of schemaVersion ${String(value.schemaVersion)}; this version knows 1`,
        {
          where: 'queue message',
          hint: 'Deploy the version that wrote it, or let it go to the dead letters.',
        },
      );
    if ('kind' in value && 'runId' in value && typeof value.runId === 'string') {
      const head = { schemaVersion: 1, runId: value.runId } as const;
      if (value.kind === 'bill' && 'sourceId' in value && typeof value.sourceId === 'string')
        return { ...head, kind: 'bill', sourceId: value.sourceId };
      if (value.kind === 'estate' && 'scope' in value && isScope(value.scope))
        return { ...head, kind: 'estate', scope: value.scope };
    }
  }
  throw new BursarError('input', 'not a task of Bursar', { where: 'queue message' });
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new BursarError('input', 'not JSON', { where: 'queue message', cause });
  }
}

function isScope(value: unknown): value is Scope {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['provider', 'accountId', 'region'].every(
      (key) => typeof Object.getOwnPropertyDescriptor(value, key)?.value === 'string',
    )
  );
}
