import type { ErrorCode } from '../../platform/errors.ts';
import type { QueryLimits, UserQueryResult } from '../model.ts';
import type { LockedQuery } from './locked.ts';

export const MIB = 1_048_576;

/** What the process of a query sends to the one that asked. */
export type FromChild =
  /** Some of the rows, in their order, as JSON. */
  | { readonly kind: 'rows'; readonly text: string }
  | { readonly kind: 'done'; readonly columns: UserQueryResult['columns']; readonly truncated: boolean }
  | {
      readonly kind: 'failed';
      readonly code: ErrorCode;
      readonly message: string;
      readonly hint: string | null;
    }
  | { readonly kind: 'defect'; readonly stack: string };

/** Written to standard error by a process that ends itself since it holds too much memory. */
export const OVER_MEMORY = 'bursar query: over memory\n';

/** How long an answer may be as JSON text: whoever asked holds all of it. */
export function answerBytes({ memoryMiB }: QueryLimits): number {
  return (memoryMiB * MIB) / 4;
}

export function isOrder(message: unknown): message is LockedQuery {
  return typeof message === 'object' && message !== null && 'sql' in message && 'limits' in message;
}

const KINDS: ReadonlySet<unknown> = new Set<FromChild['kind']>(['rows', 'done', 'failed', 'defect']);

export function isFromChild(message: unknown): message is FromChild {
  return typeof message === 'object' && message !== null && 'kind' in message && KINDS.has(message.kind);
}
