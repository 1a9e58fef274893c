import { ec2Stop } from './aws-ec2-stop.ts';
import type { Action } from './model.ts';

/** Every action. A new one is a file of its own and a line here. */
export const ACTIONS: readonly Action[] = [ec2Stop];

/** What of a finding says which action answers it. */
export interface Actionable {
  readonly check: string;
  readonly provider: string;
  readonly resourceType: string;
}

/** The action that answers a finding; null where there is none: it is never more than warned about. */
export function actionFor({ check, provider, resourceType }: Actionable): Action | null {
  return (
    ACTIONS.find(
      (action) =>
        action.provider === provider &&
        action.resourceTypes.includes(resourceType) &&
        action.checks.includes(check),
    ) ?? null
  );
}

/** The action of that id; null where this version has none. */
export function actionById(id: string): Action | null {
  return ACTIONS.find((action) => action.id === id) ?? null;
}
