import type { Resource } from '../estate/model.ts';

/**
 * The machine under a Workbench instance, which is in the list of Compute Engine, too. Both are one thing: the
 * Workbench instance is judged and stopped, and its bill names the machine. Null for anything else.
 */
export function machineUnder({ type, attributes }: Resource): string | null {
  const { machine } = attributes;
  return type === 'gcp:notebooks:instance' && typeof machine === 'string' ? machine : null;
}

const known = new WeakMap<readonly Resource[], ReadonlySet<string>>();

/** Ids of all machines that stand under another resource of this inventory. */
export function machinesUnder(resources: readonly Resource[]): ReadonlySet<string> {
  let found = known.get(resources);
  if (found === undefined)
    known.set(resources, (found = new Set(resources.map(machineUnder).filter((id) => id !== null))));
  return found;
}
