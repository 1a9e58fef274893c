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

/** Names of rights, for people. */
export function needs(permissions: readonly { action: string }[]): string {
  return permissions.map(({ action }) => action).join(', ') || 'no cloud right';
}
