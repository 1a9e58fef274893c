import { BursarError } from '../../platform/errors.ts';

/** What `bursar doctor` says of one part. */
export interface Examined {
  readonly what: string;
  readonly state: 'works' | 'fails' | 'not tried' | 'not configured';
  readonly told: string;
  readonly todo: string | null;
}

export function failure(what: string, error: unknown): Examined {
  if (error instanceof BursarError) return { what, state: 'fails', told: error.message, todo: error.hint };
  return { what, state: 'fails', told: error instanceof Error ? error.message : String(error), todo: null };
}

/** A part that could not be looked at: without the right to, or credentials, nobody can tell whether it works. */
export function unread(what: string, error: unknown): Examined {
  const failed = failure(what, error);
  const blind = error instanceof BursarError && (error.code === 'denied' || error.code === 'credentials');
  return blind ? { ...failed, state: 'not tried', told: `cannot tell: ${failed.told}` } : failed;
}

/** Names of rights, for people. */
export function needs(permissions: readonly { action: string }[]): string {
  return permissions.map(({ action }) => action).join(', ') || 'no cloud right';
}
