import type { AlertStanding } from '../run/budget-model.ts';

/** How its alert stands: `acknowledged by slack:T0:U0, a-0123...` */
export function standingOf({ id, state, by, until }: AlertStanding): string {
  const who = by === null ? '' : ` by ${by}`;
  const end = until === null || state !== 'expected' ? '' : ` until ${until.slice(0, 10)}`;
  return `${state}${who}${end} (${id})`;
}
